"""An open loop: requests come when they are due, whether or not earlier ones were answered.

A closed loop that waits for a slow answer does not send what would have met the same slowness, so
it hides it (coordinated omission; Schroeder, Wierman and Harchol-Balter, "Open versus closed: a
cautionary tale", NSDI 2006; the README of wrk2). Here every request has its intended start on an
absolute schedule, and its response time is counted from there.
"""

import select
import selectors
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measure.arrivals import NS_PER_S, Course, Schedule
from benchmarks.measure.client import ClientError
from benchmarks.measure.connections import ConnectionClosed, Loop, LoopConnection
from benchmarks.measure.framing import BrokenAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenResult:
    """What became of every arrival of a schedule, in its order; times are ns from the start.

    ``sent_ns`` is ``NEVER`` for what was not sent, and ``ended_ns`` for what was not answered to
    the last byte before the end. ``lags_ns`` is how late the generator itself was, for each
    arrival that found a connection free: that is no fault of the service.
    """

    seconds: float
    intended_ns: Sequence[int]
    sent_ns: Sequence[int]
    ended_ns: Sequence[int]
    lags_ns: Sequence[int]
    hits: int
    statuses: Mapping[int, int]
    elapsed_s: float
    """The time until everything was answered or given up."""
    client_cores: float
    """Processor time that this whole process used per second of it."""


class ScheduledLoop(Loop):
    """An arrival takes a free connection or waits in a queue for one.

    A connection that the server closes is replaced.
    """

    _free: list[LoopConnection]
    _under_way: dict[LoopConnection, int]

    def run(self, schedule: Schedule, *, backlog: int, drain_s: float = 1.0) -> OpenResult:
        """Send a request at each moment of the schedule and wait for the answers.

        It ends when all are answered, ``drain_s`` after the end of the schedule, or ``drain_s``
        after more than ``backlog`` arrivals were without an answer, from when on nothing is sent.
        Raises ``ClientError`` for an answer that is no HTTP or that nobody asked for, and for a
        server that takes no connection.
        """
        self._free, self._under_way = [], {}
        cpu_s = time.process_time()
        course = Course(schedule, clock_ns=self._clock_ns, backlog=backlog, drain_s=drain_s)
        for connection in self._connections:
            self._watch(connection)
        try:
            self._drive(course)
            elapsed_s, cpu_s = course.now_ns() / NS_PER_S, time.process_time() - cpu_s
            for connection in list(self._under_way):
                # Its answer must not meet the next run.
                self._replace(connection, course)
        except (OSError, BrokenAnswer) as error:
            raise ClientError(f"{self._url}: {error}") from error
        finally:
            for connection in self._connections:
                self._selector.unregister(connection.socket)
        return OpenResult(
            seconds=schedule.seconds,
            intended_ns=schedule.offsets_ns,
            sent_ns=course.sent_ns,
            ended_ns=course.ended_ns,
            lags_ns=course.lags_ns,
            hits=course.answers.hits,
            statuses=dict(course.answers.statuses),
            elapsed_s=elapsed_s,
            client_cores=cpu_s / elapsed_s,
        )

    def _drive(self, course: Course) -> None:
        while True:
            now_ns = course.advance()
            while self._free and course.waiting:
                self._send(course)
            if now_ns > course.end_ns or (course.all_sent and not self._under_way):
                return
            until_ns = course.wake_ns if self._free else course.end_ns
            if until_ns > now_ns:
                # epoll rounds a timeout up to whole milliseconds; select takes it as it is.
                select.select([self._selector], [], [], (until_ns - now_ns) / NS_PER_S)
            for key, _ in self._selector.select(0):
                self._receive(key.data, course)

    def _send(self, course: Course) -> None:
        connection, request = self._free.pop(), self._requests[self._turn % len(self._requests)]
        self._turn += 1
        self._under_way[connection] = course.send()
        try:
            connection.socket.sendall(request)
        except OSError:
            self._replace(connection, course)

    def _receive(self, connection: LoopConnection, course: Course) -> None:
        try:
            head = connection.receive()
        except (OSError, ConnectionClosed):
            self._replace(connection, course)
            return
        if head is not None:
            place = self._under_way.pop(connection, None)
            if place is None:
                raise BrokenAnswer("an answer that nobody asked for")
            course.answer(place, head, frees=not self._free)
            self._free.append(connection)

    def _replace(self, connection: LoopConnection, course: Course) -> None:
        """Close a connection, give up the answer it may have owed, and make a new one."""
        self._selector.unregister(connection.socket)
        connection.socket.close()
        self._connections.remove(connection)
        if self._under_way.pop(connection, None) is None:
            self._free.remove(connection)
        else:
            course.lose(frees=not self._free)
        self._watch(self._connect())

    def _watch(self, connection: LoopConnection) -> None:
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        self._free.append(connection)

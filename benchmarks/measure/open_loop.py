"""An open loop: requests come when they are due, whether or not earlier ones were answered.

A closed loop that waits for a slow answer does not send what would have met the same slowness, so
it hides it (coordinated omission; Schroeder, Wierman and Harchol-Balter, "Open versus closed: a
cautionary tale", NSDI 2006; the README of wrk2). Here every request has its intended start on an
absolute schedule, and its response time is counted from there.
"""

import random
import select
import selectors
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measure.client import NS_PER_S, BrokenAnswer, ClientError
from benchmarks.measure.closed_loop import Answers, Loop, LoopConnection

NEVER = -1
"""Stands for the time of what did not happen."""

_SPIN_NS = 400_000
_SPIN_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Rising moments in ns from the start of a step, all of them before its end."""

    seconds: float
    offsets_ns: Sequence[int]


def poisson(rate: float, *, seconds: float, seed: str) -> Schedule:
    """Make the arrivals of many independent users: exponential gaps of 1 / ``rate`` s on average.

    The same seed makes the same schedule.
    """
    rng = random.Random(seed)  # noqa: S311 - arrivals, not secrets
    offsets_ns, now_s = array("q"), rng.expovariate(rate)
    while now_s < seconds:
        offsets_ns.append(int(now_s * NS_PER_S))
        now_s += rng.expovariate(rate)
    return Schedule(seconds=seconds, offsets_ns=offsets_ns)


class Course:
    """The progress of a schedule. Arrivals are known by their number in it.

    All times are ns from its start, which is when this is made. Nothing is waited for ``drain_s``
    after the end of the schedule, or after the last request that the generator itself sent late.
    """

    def __init__(self, schedule: Schedule, *, clock_ns: Callable[[], int], drain_s: float) -> None:
        count = len(schedule.offsets_ns)
        self._clock_ns = clock_ns
        self._intended_ns = schedule.offsets_ns
        self._drain_ns = int(drain_s * NS_PER_S)
        # Spinning meets the moment, but takes processor time from what is measured.
        mean_gap_ns = schedule.seconds * NS_PER_S / max(count, 1)
        self._spin_ns = int(min(_SPIN_NS, _SPIN_SHARE * mean_gap_ns))
        self._count = count
        self._due = self._next = self._freed_ns = 0
        self.end_ns = int(schedule.seconds * NS_PER_S) + self._drain_ns
        self.sent_ns = array("q", [NEVER]) * count
        self.ended_ns = array("q", [NEVER]) * count
        self.lags_ns = array("q")
        self.answers = Answers()
        self._start_ns = clock_ns()

    @property
    def waiting(self) -> bool:
        """Tell whether something is due and not sent."""
        return self._next < self._due

    @property
    def all_sent(self) -> bool:
        """Tell whether nothing more will be sent."""
        return self._next == self._count

    @property
    def wake_ns(self) -> int:
        """Return when to stop idling for the next arrival; the rest of the time is for polling."""
        if self._due == self._count:
            return self.end_ns
        return self._intended_ns[self._due] - self._spin_ns

    def now_ns(self) -> int:
        """Return the time since the start."""
        return self._clock_ns() - self._start_ns

    def advance(self) -> int:
        """Note what has become due and return the time."""
        now_ns = self.now_ns()
        while self._due < self._count and self._intended_ns[self._due] <= now_ns:
            self._due += 1
        return now_ns

    def send(self) -> int:
        """Note that the next arrival is sent now, and return its number."""
        number, now_ns = self._next, self.now_ns()
        self._next += 1
        self.sent_ns[number] = now_ns
        late_ns = now_ns - self._intended_ns[number]
        # What came while all connections were busy had to wait for one of them.
        if self._intended_ns[number] >= self._freed_ns:
            self.lags_ns.append(late_ns)
            self.end_ns = max(self.end_ns, now_ns + self._drain_ns)
        return number

    def answer(self, number: int, head: bytes) -> None:
        """Note an answer."""
        self.ended_ns[number] = self.now_ns()
        self.answers.add(head)

    def freed(self) -> None:
        """Note that a connection became free while no other was."""
        self._freed_ns = self.now_ns()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenResult:
    """The fate of every arrival of a schedule, in its order; times are ns from the start.

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
    """An arrival takes a free connection or waits in a queue for one; runs once.

    A connection that the server closes is replaced.
    """

    _free: list[LoopConnection]
    _under_way: dict[LoopConnection, int]

    def run(self, schedule: Schedule, *, drain_s: float = 1.0) -> OpenResult:
        """Send a request at each moment of the schedule and wait for the answers.

        It ends when all are answered, or ``drain_s`` after the end of the schedule. Raises
        ``ClientError`` for an answer that is no HTTP or belongs to no request, and for a server
        that takes no connection.
        """
        self._free, self._under_way = [], {}
        cpu_s = time.process_time()
        course = Course(schedule, clock_ns=self._clock_ns, drain_s=drain_s)
        for connection in self._connections:
            self._watch(connection)
        try:
            self._drive(course)
        except (OSError, BrokenAnswer) as error:
            raise ClientError(f"{self._url}: {error}") from error
        elapsed_s, cpu_s = course.now_ns() / NS_PER_S, time.process_time() - cpu_s
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
        connection, request = self._free.pop(), self._next_request()
        self._under_way[connection] = course.send()
        try:
            connection.socket.sendall(request)
        except OSError:
            self._replace(connection, course)

    def _receive(self, connection: LoopConnection, course: Course) -> None:
        try:
            head = connection.receive()
        except OSError:
            self._replace(connection, course)
            return
        if head is not None:
            number = self._under_way.pop(connection, None)
            if number is None:
                raise BrokenAnswer("an answer without a request")
            course.answer(number, head)
            if not self._free:
                course.freed()
            self._free.append(connection)

    def _replace(self, connection: LoopConnection, course: Course) -> None:
        """Close a connection, give up the answer it may have owed, and make a new one."""
        self._selector.unregister(connection.socket)
        connection.socket.close()
        self._connections.remove(connection)
        if self._under_way.pop(connection, None) is None:
            self._free.remove(connection)
        elif not self._free:
            course.freed()
        self._watch(self._connect())

    def _watch(self, connection: LoopConnection) -> None:
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        self._free.append(connection)

"""The faults of Redis, of what it holds and of the way to it: done, held for seconds, undone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlsplit

from redis import Redis

from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.history import FaultRecord
from benchmarks.coherence.verify.faults import Fault, Nemesis, Planned
from benchmarks.stack.embedded import start_redis
from benchmarks.stack.relay import RelayMode
from benchmarks.stack.server import redis_client
from tests.faults.testbed import LoadWatch, Strike, cache_state, times_closed
from tests.waiting import until

Act = Callable[[Redis], object]
"""Does something to Redis once."""
Broken = Callable[[Fleet], AbstractContextManager[None]]
"""Breaks something on the way in, puts it right on the way out."""


def planned(
    fault: Fault, hold_s: float, *, worker: int | None = None, meets_a_write: bool = True
) -> Strike:
    """Return a strike of the nemesis of ``fivefold verify``.

    Without ``meets_a_write`` it is not held longer than it takes to meet a read.
    """

    def strike(fleet: Fleet, watch: LoadWatch) -> FaultRecord:
        struck = Nemesis(fleet, sleep=partial(watch.hold, writes=meets_a_write)).strike(
            Planned(fault=fault, hold_s=hold_s, every_s=0.0, worker=worker)
        )
        assert struck is not None, f"{fault} found nothing to strike"
        return struck

    return strike


def held(broken: Broken, hold_s: float, *, loses_marks: bool = False) -> Strike:
    """Return a strike that keeps something broken for ``hold_s`` seconds."""

    def strike(fleet: Fleet, watch: LoadWatch) -> FaultRecord:
        started_ns = perf_counter_ns()
        with broken(fleet):
            watch.hold(hold_s)
        return FaultRecord(
            kind="fault",
            started_ns=started_ns,
            ended_ns=perf_counter_ns(),
            loses_marks=loses_marks,
        )

    return strike


def again_and_again(act: Act, every_s: float) -> Broken:
    """Return a fault that does something to Redis every so many seconds."""

    @contextmanager
    def repeated(fleet: Fleet) -> Iterator[None]:
        ending = threading.Event()
        failed: list[Exception] = []

        def run() -> None:
            try:
                with fleet.redis.client() as client:
                    while not ending.wait(every_s):
                        act(client)
            except Exception as error:  # noqa: BLE001 - told when the fault is over
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()
        assert not failed, failed

    return repeated


def until_counted(broken: Broken, word: str, *, after_writes: bool = False) -> Broken:
    """Return a fault that is not undone before a slot was answered with this in its status.

    ``after_writes`` asks for one that was answered when the fault had met its writes.
    """

    @contextmanager
    def seen(fleet: Fleet) -> Iterator[None]:
        with broken(fleet):
            before = _counted(fleet, word)
            yield
            if after_writes:
                before = _counted(fleet, word)
            until(lambda: _counted(fleet, word) > before, f"answer a slot with {word}")

    return seen


def until_closed(broken: Broken, *, at_first: bool = False) -> Broken:
    """Return a fault that is not undone before the fence was closed for it.

    With ``at_first`` it is held from when the fence is closed.
    """

    @contextmanager
    def closing(fleet: Fleet) -> Iterator[None]:
        before = times_closed(fleet)
        with broken(fleet):
            if not at_first:
                yield
            until(lambda: times_closed(fleet) > before, "close the fence")
            if at_first:
                yield

    return closing


def _counted(fleet: Fleet, word: str) -> int:
    _, counted = cache_state(fleet)
    return sum(count for status, count in counted.items() if status.endswith(word))


def command(client: Any, line: str) -> Any:
    """Have Redis do what a line of ``redis-cli`` says."""
    return client.execute_command(*line.split())


def far_away(delay_ms: float) -> Broken:
    """Return a fault that makes each way to Redis and back take so many milliseconds."""

    @contextmanager
    def delayed(fleet: Fleet) -> Iterator[None]:
        for proxy in fleet.proxies:
            proxy.switch(RelayMode.DELAY, delay_ms=delay_ms)
        try:
            yield
        finally:
            for proxy in fleet.proxies:
                proxy.switch(RelayMode.NORMAL)

    return delayed


# of the server itself: its configuration, permissions, role, and absence


def configured(settings: dict[str, str], *lines: str) -> Broken:
    """Return a fault in the server's configuration, followed by commands."""

    @contextmanager
    def reconfigured(fleet: Fleet) -> Iterator[None]:
        with fleet.redis.client() as client:
            before = {name: client.config_get(name)[name] for name in settings}
            for name, value in settings.items():
                client.config_set(name, value)
            for line in lines:
                command(client, line)
            try:
                yield
            finally:
                for name, value in before.items():
                    client.config_set(name, value)

    return reconfigured


def taken_away(*lines: str) -> Broken:
    """Return a fault in which the services' user loses something by these ``ACL`` commands."""

    @contextmanager
    def without(fleet: Fleet) -> Iterator[None]:
        address = urlsplit(fleet.redis.server.url)
        with fleet.redis.client() as client:
            command(client, "ACL SETUSER operator on >faults +@all ~*")
        url = address._replace(netloc=f"operator:faults@{address.netloc}").geturl()
        with redis_client(url) as operator:
            for line in lines:
                command(operator, line)
            try:
                yield
            finally:
                command(operator, "ACL SETUSER default on nopass +@all ~*")
        with fleet.redis.client() as client:
            command(client, "ACL DELUSER operator")

    return without


@contextmanager
def another_redis() -> Iterator[Redis]:
    """Run one more server; yields a client of it."""
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
        server = start_redis(Path(folder))
        cleanup.callback(server.discard)
        yield cleanup.enter_context(redis_client(server.url))


def follow(client: Redis, leader: Redis, *, killing: bool = False) -> None:
    """Make a server the replica of another one, and return when it has its data.

    With ``killing`` its clients' connections end in the same transaction, as when Redis Sentinel
    changes a server's role.
    """
    leader.config_set("repl-diskless-sync-delay", 0)
    where = leader.connection_pool.connection_kwargs
    with client.pipeline(transaction=True) as changes:
        command(changes, f"REPLICAOF {where['host']} {where['port']}")
        if killing:
            command(changes, "CLIENT KILL TYPE normal")
        changes.execute()
    until(lambda: client.info("replication")["master_link_status"] == "up", "have the data")


def stand_alone(client: Redis) -> None:
    """Make a replica a server of its own again, with the data that it has."""
    command(client, "REPLICAOF NO ONE")


@contextmanager
def demoted(fleet: Fleet) -> Iterator[None]:
    """Make Redis the read-only replica of an empty server; its run id stays what it was."""
    with another_redis() as other, fleet.redis.client() as client:
        follow(client, other)
        try:
            yield
        finally:
            stand_alone(client)


@contextmanager
def absent(fleet: Fleet) -> Iterator[None]:
    """Start Redis, which is not there, on the way out."""
    yield
    fleet.redis.restart()

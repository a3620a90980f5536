"""The faults of the server itself: its configuration, permissions, role, and absence."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from redis import Redis

from benchmarks.coherence.fleet import Fleet
from benchmarks.stack.embedded import start_redis
from benchmarks.stack.server import redis_client
from tests.faults.redis_faults import Broken, again_and_again, command, flooded

_MEMORY, _POLICY = "64mb", "allkeys-lru"
_CLIENTS = "10000"
_SYNCS_WITHIN_S = 20.0


def configured(fault: dict[str, str], after: dict[str, str], *lines: str) -> Broken:
    """Return a fault in the server's configuration, followed by commands, and what undoes it."""

    @contextmanager
    def reconfigured(fleet: Fleet) -> Iterator[None]:
        with fleet.redis.client() as client:
            for name, value in fault.items():
                client.config_set(name, value)
            for line in lines:
                command(client, line)
            try:
                yield
            finally:
                for name, value in after.items():
                    client.config_set(name, value)

    return reconfigured


def out_of_memory() -> Broken:
    """Return a full server that evicts nothing."""
    return configured(
        {"maxmemory-policy": "noeviction", "maxmemory": "1"},
        {"maxmemory": _MEMORY, "maxmemory-policy": _POLICY},
    )


def no_clients_admitted() -> Broken:
    """Return a server that has all the clients it takes, the services not among them."""
    return configured(
        {"maxclients": "1"}, {"maxclients": _CLIENTS}, "CLIENT KILL TYPE normal SKIPME yes"
    )


def evicting() -> Broken:
    """Return a server of 2 MB that is flooded with something else."""
    flooding = again_and_again(flooded, 0.02)

    @contextmanager
    def storm(fleet: Fleet) -> Iterator[None]:
        with configured({"maxmemory": "2mb"}, {"maxmemory": _MEMORY})(fleet), flooding(fleet):
            yield

    return storm


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
    deadline = time.monotonic() + _SYNCS_WITHIN_S
    while client.info("replication")["master_link_status"] != "up":
        assert time.monotonic() < deadline, "the replica never got its leader's data"
        time.sleep(0.01)


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


def allow_debugging(fleet: Fleet) -> None:
    """Start Redis again so that it obeys ``DEBUG SLEEP``."""
    redis = fleet.redis
    redis.process.kill()
    redis.server = start_redis(
        redis._folder, port=redis._port, extra_args=["--enable-debug-command", "local"]
    )


def start_without_redis(fleet: Fleet, drop_database: Callable[[], object]) -> None:
    """Kill Redis and every service process, forget the database, start the services alone."""
    for worker in range(len(fleet.proxies)):
        fleet.process(worker).kill()
    fleet.redis.process.kill()
    drop_database()
    for worker in range(len(fleet.proxies)):
        fleet.restart(worker)


@contextmanager
def absent(fleet: Fleet) -> Iterator[None]:
    """Start Redis, which is not there, on the way out."""
    yield
    fleet.redis.restart(dump=False)

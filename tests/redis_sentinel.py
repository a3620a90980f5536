"""A primary, a replica and three Sentinels of our own on this machine."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from redis import Redis, RedisError

from benchmarks.stack.embedded import start_redis
from benchmarks.stack.ports import HOST, answers, held_port
from benchmarks.stack.process import Process, launch
from benchmarks.stack.server import Server, redis_client
from tests import needs
from tests.redis_cluster import text
from tests.waiting import until

SERVICE = "cache"
_SENTINELS = 3
_CONFIGURATION = """\
bind {host}
port {port}
dir {folder}
sentinel monitor {service} {host} {primary} 2
sentinel down-after-milliseconds {service} 500
sentinel failover-timeout {service} 2000
"""


class OwnSentinels:
    """Two servers, of which the Sentinels make one the primary; see ``running_sentinels``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = ExitStack()
        self.ports = (
            self._held.enter_context(held_port()),
            self._held.enter_context(held_port()),
        )
        self._servers: dict[int, Server] = {}
        self._sentinels: list[tuple[Process, int]] = []

    @property
    def url(self) -> str:
        """What a service is given."""
        hosts = ",".join(f"{HOST}:{port}" for _, port in self._sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}"

    @property
    def primary(self) -> int:
        """The port of the primary, as the first Sentinel that answers names it."""
        for _, port in self._sentinels:
            with redis_client(f"redis://{HOST}:{port}") as sentinel:
                try:
                    address = sentinel.execute_command(
                        "SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE
                    )
                except RedisError:
                    continue
                return int(address[1])
        raise LookupError("no Sentinel answers")

    def process(self, port: int) -> Process:
        """Return the process of a server that is up."""
        process = self._servers[port].process
        assert process is not None
        return process

    def client(self, port: int) -> Redis:
        """Connect to a server; the caller closes."""
        return redis_client(f"redis://{HOST}:{port}/0")

    def start(self, port: int) -> None:
        """Start a server, empty; one that was a primary is told by the Sentinels what it is."""
        fast = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"]
        folder = self._folder / f"redis-{port}"
        self._servers[port] = start_redis(folder, port=port, extra_args=fast)

    def kill(self, port: int) -> None:
        """End a server at once."""
        if port in self._servers:
            self._servers.pop(port).discard()

    def form(self) -> None:
        """Make the second server follow the first, and have Sentinels watch them."""
        first, second = self.ports
        for port in self.ports:
            self.start(port)
        with self.client(second) as client:
            client.replicaof(HOST, first)
        for number in range(_SENTINELS):
            self._sentinels.append(self._sentinel(self._folder / f"sentinel-{number}"))
        self.wait_whole()

    def wait_whole(self) -> None:
        """Return when every Sentinel knows the others, one primary, and a replica with its data."""
        _until(self._is_whole)

    def wait_for_another(self, port: int) -> None:
        """Return when the primary is another one than the server on this port."""
        _until(lambda: self.primary != port)

    def discard(self) -> None:
        """End every process at once."""
        for process, _ in self._sentinels:
            process.kill()
        for port in self.ports:
            self.kill(port)
        self._held.close()

    def _sentinel(self, folder: Path) -> tuple[Process, int]:
        folder.mkdir(parents=True)

        def arguments(port: int) -> list[str]:
            file = folder / "sentinel.conf"
            file.write_text(
                _CONFIGURATION.format(
                    host=HOST, port=port, folder=folder, service=SERVICE, primary=self.ports[0]
                )
            )
            return [needs.program("redis-server"), str(file), "--sentinel"]

        return launch("sentinel", arguments=arguments, probe=_listens, log=folder / "log")

    def _is_whole(self) -> bool:
        primary = self.primary
        [other] = [port for port in self.ports if port != primary]
        with self.client(primary) as client:
            if client.info("replication")["role"] != "master":
                return False
        with self.client(other) as client:
            if client.info("replication").get("master_link_status") != "up":
                return False
        return all(_knows_all(port, primary) for _, port in self._sentinels)


@contextmanager
def running_sentinels(folder: Path) -> Iterator[OwnSentinels]:
    """Run them all; however the block is left, they are ended."""
    sentinels = OwnSentinels(folder)
    with ExitStack() as cleanup:
        cleanup.callback(sentinels.discard)
        sentinels.form()
        yield sentinels


def _listens(port: int) -> str | None:
    return None if answers(port) else f"nothing listens on port {port}"


def _knows_all(sentinel: int, primary: int) -> bool:
    with redis_client(f"redis://{HOST}:{sentinel}") as client:
        # As a plain list, which every version of redis-py and of the protocol gives.
        answer: Any = client.execute_command("SENTINEL", "MASTER", SERVICE)
    pairs = answer.items() if isinstance(answer, dict) else zip(*[iter(answer)] * 2, strict=True)
    known = {text(name): text(value) for name, value in pairs}
    return (
        int(known["port"]) == primary
        and known["flags"] == "master"
        and int(known["num-slaves"]) >= 1
        and int(known["num-other-sentinels"]) == _SENTINELS - 1
    )


_until = partial(until, what="the Sentinels are ready", not_yet=(RedisError, LookupError))

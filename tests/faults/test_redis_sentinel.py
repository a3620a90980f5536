"""A primary that Redis Sentinel watches, killed or stopped under load."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis import RedisError

from benchmarks.coherence.fleet import OwnRedis
from benchmarks.stack.embedded import Stack
from benchmarks.stack.ports import HOST, answers
from benchmarks.stack.process import Process, launch
from benchmarks.stack.server import redis_client
from tests import needs
from tests.faults.page import row
from tests.faults.redis_faults import held, until_closed
from tests.faults.testbed import FleetTestbed, fleet_testbed
from tests.redis_cluster import text
from tests.waiting import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

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
    """Two servers, of which the Sentinels make one the primary; see ``sentinels``."""

    def __init__(self, folder: Path, exits: ExitStack) -> None:
        self._folder = folder
        fast = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"]
        self._servers: list[OwnRedis] = []
        for number in range(2):
            self._servers.append(OwnRedis(folder / f"redis-{number}", fast))
            exits.callback(self._servers[-1].discard)
        first, second = self._servers
        with second.client() as client:
            client.replicaof(HOST, first.port)
        self._sentinels: list[tuple[Process, int]] = []
        for number in range(_SENTINELS):
            self._sentinels.append(self._sentinel(folder / f"sentinel-{number}", first.port))
            exits.callback(self._sentinels[-1][0].kill)

    @property
    def url(self) -> str:
        """What a service is given."""
        hosts = ",".join(f"{HOST}:{port}" for _, port in self._sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}"

    @property
    def primary(self) -> OwnRedis:
        """The server that is the primary, as the first Sentinel that answers names it."""
        for _, port in self._sentinels:
            with redis_client(f"redis://{HOST}:{port}") as sentinel:
                try:
                    address = sentinel.execute_command(
                        "SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE
                    )
                except RedisError:
                    continue
                return next(each for each in self._servers if each.port == int(address[1]))
        raise LookupError("no Sentinel answers")

    def wait_whole(self) -> None:
        """Return when every Sentinel knows the others, one primary, and a replica with its data."""
        _until(self._is_whole)

    def wait_for_another(self, server: OwnRedis) -> None:
        """Return when the primary is another one than this server."""
        _until(lambda: self.primary is not server)

    def _sentinel(self, folder: Path, primary: int) -> tuple[Process, int]:
        folder.mkdir(parents=True)

        def arguments(port: int) -> list[str]:
            file = folder / "sentinel.conf"
            file.write_text(
                _CONFIGURATION.format(
                    host=HOST, port=port, folder=folder, service=SERVICE, primary=primary
                )
            )
            return [needs.program("redis-server"), str(file), "--sentinel"]

        return launch("sentinel", arguments=arguments, probe=_listens, log=folder / "log")

    def _is_whole(self) -> bool:
        primary = self.primary
        [other] = [each for each in self._servers if each is not primary]
        with primary.client() as client:
            if client.info("replication")["role"] != "master":
                return False
        with other.client() as client:
            if client.info("replication").get("master_link_status") != "up":
                return False
        return all(_knows_all(port, primary.port) for _, port in self._sentinels)


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


@contextmanager
def killed(sentinels: OwnSentinels) -> Iterator[None]:
    """Kill the primary, and start it again when the Sentinels have made the replica one."""
    primary = sentinels.primary
    primary.process.kill()
    yield
    sentinels.wait_for_another(primary)
    primary.restart()


@contextmanager
def stopped(sentinels: OwnSentinels) -> Iterator[None]:
    """Stop the primary until the Sentinels have made the replica one, and let it go on."""
    primary = sentinels.primary
    process = primary.process
    process.pause()
    try:
        yield
        sentinels.wait_for_another(primary)
    finally:
        process.resume()


ROWS = [
    row(killed, "the primary is killed"),
    row(stopped, "the primary is stopped until the replica was promoted"),
]


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSentinels]:
    needs.program("redis-server")
    with ExitStack() as exits:
        yield OwnSentinels(tmp_path_factory.mktemp("sentinels"), exits)


@pytest.fixture(scope="module", name="testbed")
def _testbed(
    sentinels: OwnSentinels, servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FleetTestbed]:
    folder = tmp_path_factory.mktemp("testbed")
    with fleet_testbed(servers, folder, redis_url=sentinels.url) as testbed:
        yield testbed


@pytest.mark.parametrize("broken", ROWS)
def test_users_notice_nothing_but_the_time(
    testbed: FleetTestbed,
    sentinels: OwnSentinels,
    figures: dict[str, object],
    broken: Callable[[OwnSentinels], AbstractContextManager[None]],
) -> None:
    sentinels.wait_whole()
    outcome = testbed.harmless(
        held(until_closed(lambda _: broken(sentinels)), 1.0), figures=figures
    )

    assert outcome.fence_moves

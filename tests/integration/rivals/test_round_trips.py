"""What each rival asks Redis, as Redis itself tells it: the commands of docs/rivals.md."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from benchmarks.stack.embedded import Stack
from tests import needs
from tests.integration.rivals.conftest import RivalSetting
from tests.integration.rivals.marks import LIBRARIES

pytestmark = LIBRARIES

MISS = {
    "naive": "MGET SET SET",
    "cashews": "GET GET SET SET",
    "aiocache": "GET GET SETEX SETEX",
    "fastapi-redis-sdk": "GET GET SET SET",
}
HIT = {"naive": "MGET", "cashews": "GET GET", "aiocache": "GET GET", "fastapi-redis-sdk": "GET GET"}
WRITE = {"naive": "DEL", "cashews": "UNLINK", "aiocache": "DEL", "fastapi-redis-sdk": "DEL"}


class Monitor:
    """Hears every command that a Redis executes."""

    def __init__(self, client: Redis, monitor: Any, deployment: str) -> None:
        self._client, self._monitor, self._deployment = client, monitor, deployment

    def heard(self) -> str:
        """Return the commands on keys of the deployment since the last time, sorted."""
        mark, names = uuid.uuid4().hex, []
        self._client.echo(mark)
        while mark not in (command := self._monitor.next_command()["command"]):
            if self._deployment in command:
                names.append(command.split()[0].upper())
        return " ".join(sorted(names))


@pytest.fixture
def monitor(servers: Stack, at: RivalSetting) -> Iterator[Monitor]:
    needs.program("redis-server")
    assert servers.redis
    with Redis.from_url(servers.redis.url) as client, client.monitor() as monitor:
        yield Monitor(client, monitor, at.deployment)


async def test_each_step_costs_these_commands(
    at: RivalSetting, monitor: Monitor, rival: str
) -> None:
    await at.read()
    miss = monitor.heard()
    await at.read()
    hit = monitor.heard()
    await at.add("Milk")
    write = monitor.heard()

    assert (miss, hit, write) == (MISS[rival], HIT[rival], WRITE[rival])

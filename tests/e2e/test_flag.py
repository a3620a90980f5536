"""``CACHE_ENABLED=false`` means that there is no Redis; a lost Redis means no lost answer."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import start_service
from tests.e2e.api_client import Api
from tests.light_service import MODULE


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen where Redis should be, and keep whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.mark.parametrize("flag", ["true", "false"])
def test_only_with_the_flag_on_does_anybody_connect_to_redis_and_the_service_ends_cleanly(
    servers: Stack, database_name: str, tmp_path: Path, listener: socket.socket, flag: str
) -> None:
    env = {
        "CACHE_ENABLED": flag,
        "REDIS_URL": f"redis://127.0.0.1:{listener.getsockname()[1]}/0",
    }
    with (
        start_service(
            mongo_url=servers.mongo.url,
            database=database_name,
            redis_url=None,
            log=tmp_path / "service.log",
            env=env,
            module=MODULE,
        ) as running,
        Api(running.url) as api,
    ):
        api.sign_up()
        api.post("/todo/", {"heading": "one", "task": ""})
        headings = api.headings()
        ready = api.get("/readyz").json()
        api.post("/auth/logout")
        replay = api.get("/todo/")
        running.process.stop()

        assert running.process.poll() == 0, running.process.log_tail()
    assert headings == ["one"]
    assert replay.json() == {"detail": "Token revoked"}
    assert ready["dependencies"].keys() == {"mongodb"} | ({"redis"} if flag == "true" else set())
    assert ready["dependencies"]["mongodb"] == "ok"
    assert _somebody_connected(listener) == (flag == "true")


def _somebody_connected(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True

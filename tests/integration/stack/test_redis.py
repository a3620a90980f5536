"""The embedded Redis starts with the arguments it is given."""

import sys
from pathlib import Path

import pytest

from benchmarks.stack.identity import redis_client
from benchmarks.stack.ports import free_port
from benchmarks.stack.process import Process
from benchmarks.stack.redis import RedisProgram, _probe, start_redis
from tests import needs

pytestmark = pytest.mark.servers


@needs.mark("redis-server")
def test_it_is_a_small_cache_that_starts_again_on_its_port_with_other_arguments(
    tmp_path: Path,
) -> None:
    port = free_port()
    first = start_redis(tmp_path, port=port)
    assert first.process
    with first.process, redis_client(first.url) as client:
        settings = client.config_get("maxmemory*", "save", "appendonly", "bind")
        assert settings["maxmemory"] == str(64 * 1024**2)
        assert settings["maxmemory-policy"] == "allkeys-lru"
        assert (settings["save"], settings["appendonly"]) == ("", "no")
        assert settings["bind"] == "127.0.0.1"
        assert client.info("clients")["connected_clients"] == 1

        with Process.start(["sleep", "60"], name="ours", log=tmp_path / "log") as ours:
            assert _probe(port, first.process) is None
            assert _probe(port, ours) == f"port {port} answers for process {first.process.pid}"
        first.process.kill()

    second = start_redis(tmp_path, port=port, extra_args=["--maxmemory", "2mb"])
    assert second.process
    with second.process, redis_client(second.url) as client:
        assert second.url == first.url
        assert client.config_get("maxmemory")["maxmemory"] == str(2 * 1024**2)


def test_fakeredis_answers_over_tcp_after_a_loud_warning(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="fakeredis stands in, .* no latency verdict"):
        server = start_redis(tmp_path, program=RedisProgram("fakeredis", sys.executable))
    assert server.process
    with server.process, redis_client(server.url) as client:
        client.set("word", "kept")

        assert client.get("word") == b"kept"
        assert not server.measures_latency

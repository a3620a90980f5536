"""The servers of a run come up whole, say what is wrong with them, and leave nothing."""

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.stack import embedded
from benchmarks.stack.embedded import ServerProgram, Stack, open_stack, start_mongo, start_redis
from benchmarks.stack.ports import HOST
from benchmarks.stack.server import mongo_client, mongo_server, redis_client, redis_server
from benchmarks.storage.usage import UsageError
from tests.integration.stack.conftest import Script
from tests.waiting import eventually, is_gone

pytestmark = pytest.mark.servers

HOLDS_A_STACK = """
import signal
from benchmarks.stack.embedded import open_stack
from benchmarks.stack.process import terminate_as_interrupt

with terminate_as_interrupt(), open_stack(environ={}):
    signal.pause()
"""


def test_both_servers_answer_and_an_exception_in_the_block_leaves_nothing() -> None:
    stacks: list[Stack] = []

    def fail() -> None:
        # An empty variable counts as missing.
        with open_stack(environ={"MONGODB_URL": "", "REDIS_URL": ""}) as stack:
            assert stack.redis
            assert mongo_server(stack.mongo.url, "external").version == stack.mongo.version
            assert redis_server(stack.redis.url, "external").version == stack.redis.version
            stacks.append(stack)
            raise RuntimeError("broken run")

    with pytest.raises(RuntimeError, match="broken run"):
        fail()

    [stack] = stacks
    for server in (stack.mongo, stack.redis):
        assert server
        assert server.process
        assert is_gone(server.process.pid)
    assert not stack.folder.exists()


def test_a_signal_to_end_leaves_nothing_even_while_the_servers_start(
    run_script: Script, temporary: Path
) -> None:
    script = run_script(HOLDS_A_STACK)
    assert eventually(lambda: any(temporary.glob("*/mongo.log")))

    script.send_signal(signal.SIGHUP)
    script.wait(60)

    assert list(temporary.iterdir()) == []


def test_named_servers_are_used_and_never_stopped(servers: Stack) -> None:
    mongo, redis = servers.mongo, servers.redis
    assert redis

    with open_stack(environ={"MONGODB_URL": mongo.url, "REDIS_URL": redis.url}) as stack:
        assert stack.redis
        for used, named in ((stack.mongo, mongo), (stack.redis, redis)):
            assert (used.url, used.kind, used.product) == (named.url, "external", named.product)
            assert used.process is None

    assert mongo_server(mongo.url, "external").product == mongo.product
    assert redis_server(redis.url, "external").product == redis.product


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where connections are accepted and nothing is ever said."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("variable", ["MONGODB_URL", "REDIS_URL"])
def test_a_named_server_that_does_not_answer_is_reported(
    variable: str, silent_port: int, closed_port: int, *, silent: bool, servers: Stack
) -> None:
    port = silent_port if silent else closed_port
    scheme = {"MONGODB_URL": "mongodb", "REDIS_URL": "redis"}[variable]
    named = {variable: f"{scheme}://ann:secret@{HOST}:{port}/"}

    with (
        pytest.raises(UsageError) as caught,
        open_stack(environ={"MONGODB_URL": servers.mongo.url} | named),
    ):
        pytest.fail("it was used")

    message = str(caught.value)
    assert message.startswith(f"{variable}={scheme}://ann:***@{HOST}:{port}/ names a server that")
    assert "gave no usable answer within 2 s" in message
    assert message.endswith(f"correct {variable}, or unset it to use an embedded server.")


def test_a_named_server_is_waited_for_two_seconds_and_not_as_long_as_drivers_do() -> None:
    with mongo_client(f"mongodb://{HOST}:1/") as client:
        options, pool = client.options, client.options.pool_options
    with redis_client(f"redis://{HOST}:1/") as cache:
        waits = cache.get_connection_kwargs()

    assert options.server_selection_timeout == 2
    assert pool.connect_timeout == pool.socket_timeout == 2
    assert waits["socket_timeout"] == waits["socket_connect_timeout"] == 2


@pytest.mark.parametrize(
    ("variable", "url", "several", "why"),
    [
        ("MONGODB_URL", "mongodb://ann:sec:ret@host:port/", False, "is not a valid URL"),
        ("MONGODB_URL", "mongodb://ann:sec@ret:host@host/", False, "is not a valid URL"),
        ("REDIS_URL", "redis://ann:sec/ret@host:1/", False, "is not a valid URL"),
        ("REDIS_URL", "redis://:sec@127.0.0.1:1/?foo=bar", True, "is not a valid URL"),
        ("REDIS_URL", "localhost:6379", False, "is not a valid URL"),
        ("REDIS_URL", "redis+cluster://:sec@127.0.0.1:1", False, "a Redis Cluster, .* one server"),
        ("REDIS_URL", "redis+sentinel://:sec@h:1/main", False, "Redis Sentinel watches, .* one"),
        ("REDIS_URL", "redis+cluster://:sec@h:1,h:2", True, "no usable answer within 2 s"),
        ("REDIS_URL", "redis+sentinel://:sec@h", True, "is not a valid URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_the_reason_and_without_its_password(
    variable: str, url: str, why: str, servers: Stack, *, several: bool
) -> None:
    environ = {"MONGODB_URL": servers.mongo.url, variable: url}

    with pytest.raises(UsageError, match=why) as caught:
        open_stack(environ=environ, several=several).__enter__()

    assert caught.value.__suppress_context__ or "not a valid" not in why
    assert not any(part in str(caught.value) for part in ("sec", "ret"))


def test_mongodb_takes_test_commands_and_opens_its_data_again_after_a_stop_and_after_a_kill(
    tmp_path: Path,
) -> None:
    first = start_mongo(tmp_path)
    with mongo_client(first.url) as client:
        client.db.words.insert_one({"_id": 1})
        disarm = {"configureFailPoint": "failCommand", "mode": "off"}
        assert client.admin.command(disarm)["ok"] == 1
    assert first.process
    first.process.stop()

    second = start_mongo(tmp_path)
    with mongo_client(second.url) as client:
        words = client.db.words.count_documents({})
    second.discard()
    start_mongo(tmp_path).discard()

    assert words == 1


def test_fakeredis_answers_over_tcp_after_a_loud_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = ServerProgram("fakeredis", sys.executable)
    monkeypatch.setattr(embedded, "find_redis", lambda: program)
    with pytest.warns(RuntimeWarning, match="fakeredis stands in, .* no latency verdict"):
        server = start_redis(tmp_path)
    assert server.process
    with server.process, redis_client(server.url) as client:
        client.set("word", "kept")

        assert client.get("word") == b"kept"
        assert not server.measures_latency

"""The stack comes up whole and leaves nothing, however its block is left."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.identity import (
    identify_mongo,
    identify_redis,
    mongo_client,
    redis_client,
)
from benchmarks.stack.mongo import start_mongo
from benchmarks.stack.ports import HOST, free_port
from benchmarks.stack.redis import start_redis
from benchmarks.stack.server import Server
from tests.integration.stack.conftest import Script
from tests.unit.benchmarks.stack.waiting import eventually, is_gone

pytestmark = pytest.mark.servers

HOLDS_A_STACK = """
import signal, sys
from benchmarks.stack.embedded import open_stack
from benchmarks.stack.signals import terminate_as_interrupt

with terminate_as_interrupt(), open_stack(environ={}) as stack:
    print(stack.mongo.process.pid, stack.redis.process.pid, stack.folder)
    signal.pause()
"""


@pytest.fixture(name="named_servers", scope="module")
def _named_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Servers that some environment names."""
    folder = tmp_path_factory.mktemp("named")
    mongo, redis = start_mongo(folder), start_redis(folder)
    yield mongo, redis
    redis.stop()
    mongo.discard()


def assert_nothing_is_left(stack: Stack) -> None:
    for server in (stack.mongo, stack.redis):
        assert server
        assert server.process
        assert is_gone(server.process.pid)
    assert not stack.folder.exists()


def test_both_servers_answer_and_are_gone_afterwards() -> None:
    with open_stack(environ={}) as stack:
        assert stack.redis
        assert identify_mongo(stack.mongo.url).version == stack.mongo.version
        assert identify_redis(stack.redis.url).version == stack.redis.version

    assert_nothing_is_left(stack)


def test_an_exception_in_the_block_leaves_nothing() -> None:
    with pytest.raises(RuntimeError, match="broken run"), open_stack(environ={}) as stack:
        raise RuntimeError("broken run")

    assert_nothing_is_left(stack)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_to_end_leaves_nothing(
    run_script: Script, temporary: Path, number: signal.Signals
) -> None:
    script = run_script(HOLDS_A_STACK)
    assert script.stdout
    mongo_pid, redis_pid, folder = script.stdout.readline().split()
    assert Path(folder).parent == temporary

    script.send_signal(number)
    script.wait(60)

    assert is_gone(int(mongo_pid))
    assert is_gone(int(redis_pid))
    assert list(temporary.iterdir()) == []


def test_a_signal_while_the_servers_start_leaves_nothing(
    run_script: Script, temporary: Path
) -> None:
    script = run_script(HOLDS_A_STACK)
    assert eventually(lambda: any(temporary.glob("*/mongo.log")))

    script.send_signal(signal.SIGTERM)
    script.wait(60)

    assert list(temporary.iterdir()) == []


def test_without_redis_none_is_started_nor_asked() -> None:
    unusable = {"REDIS_URL": f"redis://{HOST}:1/0"}
    with open_stack(environ=unusable, redis=False) as stack:
        assert stack.redis is None
        assert not (stack.folder / "redis.log").exists()


def test_named_servers_are_used_and_never_stopped(named_servers: tuple[Server, Server]) -> None:
    mongo, redis = named_servers
    environ = {"MONGODB_URL": mongo.url, "REDIS_URL": redis.url}

    with open_stack(environ=environ) as stack:
        assert stack.redis
        assert (stack.mongo.url, stack.redis.url) == (mongo.url, redis.url)
        assert (stack.mongo.kind, stack.redis.kind) == ("external", "external")
        assert (stack.mongo.product, stack.redis.product) == (mongo.product, redis.product)
        assert stack.mongo.process is stack.redis.process is None

    assert identify_mongo(mongo.url).product == mongo.product
    assert identify_redis(redis.url).product == redis.product


def test_an_empty_variable_counts_as_missing() -> None:
    with open_stack(environ={"MONGODB_URL": ""}, redis=False) as stack:
        assert stack.mongo.process


@pytest.fixture(name="silent_port")
def _silent_port() -> Iterator[int]:
    """A port where connections are accepted and nothing is ever said."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("variable", ["MONGODB_URL", "REDIS_URL"])
def test_a_named_server_that_does_not_answer_is_reported(
    variable: str, silent_port: int, *, silent: bool, named_servers: tuple[Server, Server]
) -> None:
    port = silent_port if silent else free_port()
    scheme = {"MONGODB_URL": "mongodb", "REDIS_URL": "redis"}[variable]
    environ = {
        "MONGODB_URL": named_servers[0].url,
        variable: f"{scheme}://ann:secret@{HOST}:{port}/",
    }

    with pytest.raises(StackError) as caught, open_stack(environ=environ):
        pytest.fail("it was used")

    message = str(caught.value)
    assert message.startswith(f"{variable}={scheme}://ann:***@{HOST}:{port}/ names a server that")
    assert "gave no answer within 2 s" in message
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
    ("variable", "url"),
    [
        ("MONGODB_URL", "mongodb://ann:sec:ret@host:port/"),
        ("MONGODB_URL", "mongodb://ann:sec@ret:host@host/"),
        ("REDIS_URL", "redis://ann:sec/ret@host:1/"),
        ("REDIS_URL", "localhost:6379"),
    ],
)
def test_a_named_server_with_a_wrong_url_is_reported_without_its_password(
    variable: str, url: str, named_servers: tuple[Server, Server]
) -> None:
    environ = {"MONGODB_URL": named_servers[0].url, variable: url}

    with pytest.raises(StackError, match="is not a valid URL") as caught:
        open_stack(environ=environ).__enter__()

    assert caught.value.__suppress_context__
    assert not any(part in str(caught.value) for part in ("sec", "ret"))


def test_a_wrong_password_is_reported_as_such(tmp_path: Path) -> None:
    server = start_redis(tmp_path)
    wrong = server.url.replace("redis://", "redis://ann:secret@")
    try:
        with pytest.raises(StackError, match=r"ann:\*\*\*@.* names a server that refused us"):
            open_stack(environ={"REDIS_URL": wrong}).__enter__()
    finally:
        server.stop()

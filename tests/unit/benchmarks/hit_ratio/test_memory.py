from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from benchmarks.hit_ratio.memory import AnyRedis, Client, OwnRedis, can_be_limited
from benchmarks.model.memory import TABLE_BYTES
from benchmarks.stack.server import Server

URL = "redis://127.0.0.1:6379/0"


@dataclass
class FakeServer:
    """Databases of sizes by key, and the settings."""

    databases: defaultdict[str, dict[bytes, int | None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    settings: dict[str, str] = field(default_factory=dict)
    open_clients: int = 0

    def connect(self, url: str) -> Client:
        self.open_clients += 1
        return FakeClient(self, f"db{url.rpartition('/')[2]}")


@dataclass
class FakeClient:
    server: FakeServer
    name: str

    def info(self, section: str, /) -> Any:
        return {
            "memory": {"used_memory": 1000, "mem_not_counted_for_evict": 10},
            "stats": {"evicted_keys": 3, "expired_keys": 4},
            "keyspace": {name: {} for name, keys in self.server.databases.items() if keys},
        }[section]

    def config_set(self, name: str, value: str, /) -> None:
        self.server.settings[name] = value

    def scan_iter(self, *, count: int) -> Iterator[bytes]:
        assert count > 1
        return iter(self.server.databases[self.name])

    def memory_usage(self, key: bytes, /) -> int | None:
        return self.server.databases[self.name][key]

    def flushall(self) -> None:
        self.server.databases.clear()

    def close(self) -> None:
        self.server.open_clients -= 1


def test_what_entries_hold_is_summed_over_the_databases_of_all_services() -> None:
    server = FakeServer()
    room = OwnRedis(URL, server.connect)
    server.databases["db0"] = {b"a": 100}
    server.databases["db2"] = {b"b": 1000, b"gone": None}

    assert room.held_bytes() == 1100 + 2 * TABLE_BYTES


def test_a_limit_is_set_on_an_emptied_server_and_taken_away() -> None:
    server = FakeServer()
    room = OwnRedis(URL, server.connect)
    server.databases["db1"] = {b"a": 100}

    room.clear(5000)
    assert (server.settings["maxmemory"], room.held_bytes()) == ("5000", 0)
    room.clear(None)

    assert server.settings["maxmemory"] == "0"


def test_what_does_not_count_against_the_limit_is_left_out() -> None:
    room = OwnRedis(URL, FakeServer().connect)

    assert room.used_bytes() == 990
    assert room.removed() == (3, 4)


def test_every_connection_is_closed() -> None:
    server = FakeServer()
    room = OwnRedis(URL, server.connect)
    server.databases["db1"] = {b"a": 100}
    room.held_bytes()

    room.close()

    assert server.open_clients == 0


def test_the_memory_of_a_foreign_server_is_not_touched() -> None:
    room = AnyRedis()

    room.clear(None)
    with pytest.raises(ValueError, match="cannot be limited"):
        room.clear(1)
    assert (room.used_bytes(), room.held_bytes(), room.removed()) == (0, 0, (0, 0))


def test_a_named_server_is_nobodys_to_limit() -> None:
    named = Server(role="redis", kind="external", product="Redis", version="8", url=URL)

    assert not can_be_limited(named)

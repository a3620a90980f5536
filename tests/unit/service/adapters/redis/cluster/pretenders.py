"""Servers that only pretend: what they answer to questions, and which of them are down."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.cluster.discovery import Ask, Shard
from service.adapters.redis.shared import Node


@dataclass
class PretendedServer:
    """One server; ``answers`` are by command, ``info`` is what ``INFO`` says."""

    url: str
    info_fields: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, ...], Any] = field(default_factory=dict)
    down: bool = False
    asked: int = 0
    closed: bool = False
    host: str = "asked.example"
    turns: int = 0
    """Of the event loop, that an answer takes."""

    @property
    def client(self) -> "PretendedServer":
        return self

    @property
    def connection_pool(self) -> SimpleNamespace:
        return SimpleNamespace(connection_kwargs={"host": self.host})

    async def info(self) -> dict[str, str]:
        self._must_be_up()
        for _ in range(self.turns):
            await asyncio.sleep(0)
        return self.info_fields

    ping = info

    async def execute_command(self, *command: str) -> Any:
        self._must_be_up()
        return self.answers[command]

    async def aclose(self) -> None:
        self.closed = True
        self._must_be_up()

    def _must_be_up(self) -> None:
        self.asked += 1
        if self.down:
            raise RedisConnectionError("down")


@dataclass
class ClusterFakes:
    """All servers there are, by URL."""

    servers: dict[str, PretendedServer] = field(default_factory=dict)

    def has(self, url: str, *, run: str = "", role: str = "master") -> PretendedServer:
        """Add a server, or replace it by one that was started anew."""
        fields = {"run_id": run or f"run of {url}", "role": role, "master_replid": "r"}
        self.servers[url] = PretendedServer(url, fields)
        return self.servers[url]

    def ask(self, url: str) -> Redis:
        return cast(Redis, self.servers[url])

    def open_node(self, url: str) -> Node:
        return cast(Node, self.servers[url])


@dataclass
class Told:
    """A discovery that finds what it is told to find."""

    found: Sequence[Shard] = ()

    async def shards(self, ask: Ask) -> Sequence[Shard]:
        del ask
        return self.found

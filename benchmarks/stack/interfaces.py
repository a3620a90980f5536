"""The interfaces of databases, of a cache and of services, of any origin."""

from collections.abc import Iterable
from typing import Any, Protocol

Document = dict[str, Any]


class Collection(Protocol):
    """The methods of a collection that are used here."""

    def insert_many(self, documents: Iterable[Document], /) -> object:
        """Write new documents."""


class Database(Protocol):
    """The methods of a database that are used here."""

    def __getitem__(self, name: str, /) -> Collection:
        """Return a collection."""

    def list_collection_names(self) -> list[str]:
        """Return the collections that are there; raises ``OperationFailure``."""

    def command(self, command: dict[str, Any], /) -> Any:
        """Run a command; raises ``OperationFailure``."""


class Mongo(Protocol):
    """The methods of a MongoDB client that are used here."""

    def get_database(self, name: str, /) -> Database:
        """Return a database, which need not exist."""

    def drop_database(self, name: str, /) -> None:
        """Remove a database with all it holds."""

    def close(self) -> None:
        """Close the connections."""


class Cache(Protocol):
    """The methods of a Redis client that is bound to one of the server's databases."""

    def flushdb(self) -> object:
        """Empty that database."""

    def dbsize(self) -> Any:
        """Return how many keys it holds."""

    def info(self, section: str, /) -> Any:
        """Return a section of the server's own figures."""

    def close(self) -> None:
        """Close the connections."""


class RunningProcess(Protocol):
    """The attributes of a process that are used here."""

    @property
    def pid(self) -> int:
        """Return its number."""


class RunningService(Protocol):
    """The attributes of a started service that are used here."""

    @property
    def url(self) -> str:
        """Return where it answers."""

    @property
    def process(self) -> RunningProcess:
        """Return the process that answers."""

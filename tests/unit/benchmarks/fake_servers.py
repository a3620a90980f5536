"""A MongoDB and a Redis made of dictionaries."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pymongo.errors import OperationFailure

from benchmarks.measure.delays import SERVICE_APP_NAME
from benchmarks.stack.dataset import Document


class FakeCollection:
    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.finds = 0

    def insert_many(self, documents: Iterable[Document], /) -> None:
        self.documents += documents


class FakeDatabase(defaultdict[str, FakeCollection]):
    def __init__(self, mongo: "FakeMongo") -> None:
        super().__init__(FakeCollection)
        self._mongo = mongo

    def list_collection_names(self) -> list[str]:
        if not self._mongo.may_list:
            raise OperationFailure("not authorized", 13)
        return list(self)

    def command(self, command: dict[str, Any], /) -> Any:
        return self._mongo.command(command)


class FakeMongo:
    """Keeps documents, and the failpoint as MongoDB does: one, on until it is switched off."""

    def __init__(self, *, test_commands: bool = True) -> None:
        self.databases: dict[str, FakeDatabase] = {}
        self.dropped: list[str] = []
        self.commands: list[dict[str, Any]] = []
        self.delay_ms = 0
        self.open = True
        self.may_list = self.may_drop = True
        self._test_commands = test_commands

    def get_database(self, name: str, /) -> Any:
        return self.databases.setdefault(name, FakeDatabase(self))

    def drop_database(self, name: str, /) -> None:
        if not self.may_drop:
            raise OperationFailure("not authorized", 13)
        self.databases.pop(name, None)
        self.dropped.append(name)

    def close(self) -> None:
        self.open = False

    def command(self, command: dict[str, Any]) -> Any:
        if "top" in command:
            return {"totals": self.totals()}
        if not self._test_commands:
            raise OperationFailure("no such command", 59, {"errmsg": "no such command"})
        self.commands.append(command)
        data = command.get("data", {})
        hits_service = data.get("appName") == SERVICE_APP_NAME and "find" in data["failCommands"]
        on = command["mode"] == "alwaysOn" and hits_service
        self.delay_ms = data["blockTimeMS"] if on else 0
        return None

    def totals(self) -> dict[str, Any]:
        return {
            f"{database}.{name}": {"queries": {"count": collection.finds}}
            for database, collections in self.databases.items()
            for name, collection in collections.items()
        }


class Keys(dict[str, bytes]):
    """The keys of one numbered database, each of which stands for both slots of a user."""

    hits = 0
    misses = 0

    def look_up(self, key: str) -> bytes | None:
        found = self.get(key)
        if found is None:
            self.misses += 2
        else:
            self.hits += 2
        return found


class FakeRedis:
    """One numbered database of a server; all clients of one URL see the same keys."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    def flushdb(self) -> None:
        self.keys.clear()

    def dbsize(self) -> int:
        return len(self.keys)

    def info(self, section: str, /) -> dict[str, int]:
        assert section == "stats"
        return {"keyspace_hits": self.keys.hits, "keyspace_misses": self.keys.misses}

    def close(self) -> None:
        pass

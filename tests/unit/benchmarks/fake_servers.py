"""A MongoDB and a Redis made of dictionaries."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pymongo.errors import OperationFailure

from benchmarks.measure.regimes import SERVICE_APP_NAME
from benchmarks.tools import Document


class FakeCollection:
    def __init__(self) -> None:
        self.documents: list[Document] = []

    def insert_many(self, documents: Iterable[Document], /) -> None:
        self.documents += documents


class FakeDatabase(defaultdict[str, FakeCollection]):
    def __init__(self, mongo: "FakeMongo") -> None:
        super().__init__(FakeCollection)
        self._mongo = mongo

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
        self._test_commands = test_commands

    def get_database(self, name: str, /) -> FakeDatabase:
        return self.databases.setdefault(name, FakeDatabase(self))

    def drop_database(self, name: str, /) -> None:
        self.databases.pop(name, None)
        self.dropped.append(name)

    def close(self) -> None:
        self.open = False

    def command(self, command: dict[str, Any]) -> None:
        if not self._test_commands:
            raise OperationFailure("no such command", 59, {"errmsg": "no such command"})
        self.commands.append(command)
        data = command.get("data", {})
        hits_service = data.get("appName") == SERVICE_APP_NAME and "find" in data["failCommands"]
        on = command["mode"] == "alwaysOn" and hits_service
        self.delay_ms = data["blockTimeMS"] if on else 0


class FakeRedis:
    """One numbered database of a server; all clients of one URL see the same keys."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self.keys = keys
        self.flushes = 0

    def flushdb(self) -> None:
        self.keys.clear()
        self.flushes += 1

    def dbsize(self) -> int:
        return len(self.keys)

    def close(self) -> None:
        pass

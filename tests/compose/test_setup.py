"""What is done before the services start: secrets that stay, a replica set that is made once."""

import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from tests.compose.config import ROOT


@pytest.fixture(name="setup", scope="module")
def _setup() -> ModuleType:
    spec = util.spec_from_file_location("deploy_setup", ROOT / "deploy" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(name="owners")
def _owners(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Note who gets a file; only root may give one away."""
    owners: dict[str, int] = {}

    def chown(path: Path, user: int, _group: int) -> None:
        owners[path.stem] = user

    monkeypatch.setattr(os, "chown", chown)
    return owners


class SetupServer:
    """A mongod as it answers ``hello``: an election takes it a few looks."""

    def __init__(self, *, member: bool, elected_after: int | None) -> None:
        self.member = member
        self.elected_after = elected_after
        self.initiated: list[Any] = []

    def command(self, name: str, value: Any = None) -> Mapping[str, Any]:
        if name == "replSetInitiate":
            self.initiated.append(value)
            self.member = True
            return {}
        if not self.member:
            return {"isWritablePrimary": False, "isreplicaset": True}
        primary = self.elected_after is not None and self.elected_after <= 0
        if self.elected_after is not None:
            self.elected_after -= 1
        return {"isWritablePrimary": primary, "setName": "rs0"}


@dataclass
class SetupClock:
    """Time that passes only while somebody waits."""

    now_s: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def _make_writable(setup: ModuleType, server: SetupServer, clock: SetupClock | None = None) -> None:
    clock = clock or SetupClock()
    setup.make_writable(
        server.command, "mongo:27017", clock_s=lambda: clock.now_s, sleep=clock.sleep
    )


def test_secrets_are_made_once_each_for_its_reader(
    setup: ModuleType, tmp_path: Path, owners: dict[str, int]
) -> None:
    setup.keep_secrets(tmp_path, {})
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    setup.keep_secrets(tmp_path, {})

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first
    assert all(text.isalnum() for name, text in first.items() if name != setup.REDIS_CONF)
    conf = first.pop(setup.REDIS_CONF)
    assert conf.splitlines()[0] == f"requirepass {first['REDIS_PASSWORD']}"
    assert set(first) == set(setup.READERS) == set(owners) - {setup.REDIS_CONF}
    assert min(map(len, first.values())) >= 64
    assert len(set(first.values())) == len(first)
    assert modes == {0o400}
    assert owners["GRAFANA_PASSWORD"] == 472
    assert owners["MONGODB_KEY"] == owners[setup.REDIS_CONF] == 999
    assert owners["JWT_SECRET"] == 1000


def test_a_secret_of_the_environment_is_taken_as_it_is(
    setup: ModuleType, tmp_path: Path, owners: dict[str, int]
) -> None:
    setup.keep_secrets(tmp_path, {})
    setup.keep_secrets(tmp_path, {"JWT_SECRET": "mine", "ADMIN_TOKEN": ""})

    assert (tmp_path / "JWT_SECRET").read_text() == "mine"
    assert len((tmp_path / "ADMIN_TOKEN").read_text()) >= 64
    assert "JWT_SECRET" in owners


def test_a_server_that_belongs_to_no_set_is_made_one_of_its_own_and_waited_for(
    setup: ModuleType,
) -> None:
    server = SetupServer(member=False, elected_after=3)

    _make_writable(setup, server)

    members = [{"_id": 0, "host": "mongo:27017"}]
    assert server.initiated == [{"_id": "rs0", "members": members}]
    assert server.elected_after is not None
    assert server.elected_after < 0


@pytest.mark.parametrize("elected_after", [0, 2])
def test_a_server_that_is_a_member_already_is_left_as_it_is(
    setup: ModuleType, elected_after: int
) -> None:
    server = SetupServer(member=True, elected_after=elected_after)

    _make_writable(setup, server)

    assert server.initiated == []


def test_a_server_that_never_takes_writes_is_named(setup: ModuleType) -> None:
    clock = SetupClock()

    with pytest.raises(TimeoutError, match="mongo:27017 takes no writes"):
        _make_writable(setup, SetupServer(member=True, elected_after=None), clock)

    assert 30 < clock.now_s < 90


class MongodUsers:
    """The users of a mongod, which obeys everybody on its own machine until it has one."""

    def __init__(self, password: str | None = None) -> None:
        self.password = password

    def command(self, name: str, user: str, *, pwd: str, roles: list[str]) -> Mapping[str, Any]:
        assert (name, user, roles) == ("createUser", "fivefold", ["root"])
        if self.password is not None:
            raise OperationFailure("command createUser requires authentication", 13)
        self.password = pwd
        return {}

    def log_in(self, password: str) -> None:
        if password != self.password:
            raise OperationFailure("Authentication failed.", 18)


@pytest.mark.parametrize("there", [None, "made at the first start"])
def test_a_user_is_made_once_and_can_log_in(setup: ModuleType, there: str | None) -> None:
    users, password = MongodUsers(there), "made at the first start"

    setup.make_user(users.command, lambda: users.log_in(password), password)

    assert users.password == password


def test_data_of_another_password_are_named_with_the_way_out(setup: ModuleType) -> None:
    users = MongodUsers("made at an earlier start")

    with pytest.raises(PermissionError, match="docker compose down --volumes"):
        setup.make_user(users.command, lambda: users.log_in("new"), "new")


def test_a_server_that_cannot_make_users_is_no_password_that_is_wrong(setup: ModuleType) -> None:
    def command(*_: object, **__: object) -> Mapping[str, Any]:
        raise OperationFailure("not primary", 10107)

    with pytest.raises(OperationFailure, match="not primary"):
        setup.make_user(command, lambda: None, "any")


@pytest.mark.parametrize(
    ("name", "given", "seen"),
    [
        ("MONGODB", "mongodb://mongo:27017/?a=b", "mongodb://fivefold:pw@mongo:27017/?a=b"),
        ("MONGODB", "mongodb://me:mine@there/", "mongodb://me:mine@there/"),
        ("REDIS", "redis://redis:6379/0", "redis://:pw@redis:6379/0"),
        ("REDIS", "redis+cluster://a:1,b:2", "redis+cluster://:pw@a:1,b:2"),
    ],
)
def test_a_password_is_put_into_an_address_that_has_none(name: str, given: str, seen: str) -> None:
    said = subprocess.run(
        ["sh", str(ROOT / "deploy/entrypoint"), "printenv", f"{name}_URL"],
        env={"PATH": os.environ["PATH"], f"{name}_URL": given, f"{name}_PASSWORD": "pw"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == seen

"""What is done before the services start: secrets that stay, a replica set that is made once."""

import itertools
import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from importlib import util
from pathlib import Path
from types import ModuleType

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


NO_SET, ELECTING, PRIMARY = (
    {"isWritablePrimary": False, "isreplicaset": True},
    {"isWritablePrimary": False},
    {"isWritablePrimary": True},
)
ONE = {"_id": "rs0", "members": [{"_id": 0, "host": "mongo:27017"}]}


@pytest.mark.parametrize(
    ("hellos", "made"),
    [
        ([NO_SET, ELECTING, PRIMARY], [ONE]),
        ([ELECTING, ELECTING, PRIMARY], []),
        ([PRIMARY], []),
    ],
)
def test_a_server_is_made_a_set_of_its_own_unless_it_is_one_and_waited_for(
    setup: ModuleType, hellos: list[dict[str, bool]], made: list[object]
) -> None:
    initiated, answers = list[object](), iter(hellos)

    def command(name: str, value: object = None) -> Mapping[str, bool]:
        if name == "hello":
            return next(answers)
        assert name == "replSetInitiate"
        initiated.append(value)
        return {}

    setup.make_writable(command, "mongo:27017", sleep=lambda _: None)

    assert initiated == made
    assert list(answers) == []


def test_a_server_that_never_takes_writes_is_named(setup: ModuleType) -> None:
    seconds = itertools.count()

    with pytest.raises(TimeoutError, match="mongo:27017 takes no writes"):
        setup.make_writable(
            lambda _: ELECTING, "mongo:27017", clock_s=seconds.__next__, sleep=lambda _: None
        )

    assert 30 < next(seconds) < 90


@pytest.mark.parametrize(
    ("creation", "login", "raised"),
    [
        # Made now; made at an earlier start, with this password or another one; and no server
        # that makes users.
        (None, None, None),
        (13, None, None),
        (13, 18, (PermissionError, "docker compose down --volumes")),
        (10107, None, (OperationFailure, "refused")),
        (13, 11600, (OperationFailure, "refused")),
    ],
)
def test_a_user_is_made_once_and_another_password_is_named_with_the_way_out(
    setup: ModuleType,
    creation: int | None,
    login: int | None,
    raised: tuple[type[Exception], str] | None,
) -> None:
    asked = []

    def answered(code: int | None) -> Callable[..., object]:
        def answer(*said: object, **also: object) -> None:
            asked.append((said, also))
            if code is not None:
                raise OperationFailure("refused", code)

        return answer

    error, words = raised or (None, "")
    with pytest.raises(error, match=words) if error else nullcontext():
        setup.make_user(answered(creation), answered(login), "pw")

    assert asked[0] == (("createUser", "fivefold"), {"pwd": "pw", "roles": ["root"]})


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

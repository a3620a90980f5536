import socket
from pathlib import Path

import pytest

from benchmarks.doctor.findings import Group, anonymous, graded, ok, refused
from benchmarks.stack.errors import EarlyExitError


@pytest.mark.parametrize(("value", "status"), [(1.0, "ok"), (1.1, "warn"), (5.1, "FAIL")])
def test_a_value_is_judged_by_its_thresholds(value: float, status: str) -> None:
    found = graded("it", value, "seen", warn=1.0, fail=5.0, advice="do")

    assert found.status == status
    assert found.advice == ("" if status == "ok" else "do")


def test_a_value_without_a_second_threshold_is_at_most_a_warning() -> None:
    assert graded("it", 1e9, "seen", warn=1.0, fail=None, advice="do").status == "warn"


def test_a_group_failed_when_one_of_its_lines_did() -> None:
    bad = graded("bad", 2, "seen", warn=0, fail=1, advice="do")

    assert Group(heading="g", findings=[ok("good", "seen"), bad], code=4).failed
    assert not Group(heading="g", findings=[ok("good", "seen")], code=4).failed


def test_an_error_that_quotes_a_log_does_not_name_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "annas-laptop")
    error = EarlyExitError("mongod", 1, '{"msg":"starting","host":"annas-laptop"}')

    found = refused("MongoDB", error)

    assert found.status == "FAIL"
    assert "annas-laptop" not in found.seen
    assert "exit code 1" in found.seen


def test_the_home_of_the_user_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/anna"))

    assert anonymous("/home/anna/bin/mongod") == "~/bin/mongod"
    assert anonymous("/home/annabel/bin") == "/home/annabel/bin"


def test_a_root_without_a_home_keeps_its_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/"))

    assert anonymous("/usr/bin/mongod") == "/usr/bin/mongod"

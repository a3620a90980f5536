import socket
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.scenarios import examples
from benchmarks.storage.usage import UsageError

FRONT_PAGE = str(Path(examples.__file__).with_name("front_page.py"))
A, B = "a=http://127.0.0.1:8080", "b=http://127.0.0.1:8081"


def asked(*targets: str, scenarios: Any = (FRONT_PAGE,), **changes: Any) -> TargetOptions:
    return TargetOptions(targets or (A, B), scenarios, **changes)


def test_the_first_target_is_the_reference_or_the_named_one() -> None:
    options = asked(B, A, claims=["b/a p50 >= 2"])

    assert [target.name for target in options.targets] == ["b", "a"]
    assert options.targets[0].url == "http://127.0.0.1:8081"
    assert [target.name for target in asked(B, A, reference="a").targets] == ["a", "b"]
    # Claims are about the targets and the file's scenario.
    assert options.asked == ("U1",)
    assert options.made[0].scenario == "front-page"


@pytest.mark.parametrize(
    "targets",
    [
        [A],
        [A, A],
        [A, "a=http://127.0.0.1:9"],
        [A, "b"],
        [A, "b=ftp://127.0.0.1"],
        [A, "9=http://127.0.0.1"],
        [A, "=http://127.0.0.1"],
    ],
)
def test_what_is_no_pair_of_targets_is_refused(targets: list[str]) -> None:
    with pytest.raises(UsageError, match=r"the target b:|a target is|two targets"):
        asked(*targets)


@pytest.mark.parametrize(
    "text",
    [
        "b=http://me:hunter2@127.0.0.1:0",
        "b=http://me:hunter2/@127.0.0.1",
        "b=http://me:p@127.0.0.1/p?token=hunter2",
        "b=http://127.0.0.1/#hunter2",
        "b=me:hunter2@127.0.0.1",
        # Without a name.
        "http://127.0.0.1/p?token=hunter2",
    ],
)
def test_no_message_has_a_password_or_a_token(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        asked(A, text)
    assert "hunter2" not in str(refused.value)


def test_another_machine_needs_to_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    # An address for documentation (RFC 5737): nothing is sent there.
    elsewhere = "b=http://192.0.2.1"

    with pytest.raises(
        UsageError, match=r"192\.0\.2\.1, which is no loopback address.*--allow-remote"
    ):
        asked(A, elsewhere)
    assert asked(A, elsewhere, allow_remote=True).targets[1].url == "http://192.0.2.1"

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(UsageError, match="--allow-remote"):
        asked(A, "b=http://shop.example")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"scenarios": []}, "say what to ask"),
        ({"scenarios": ["session"]}, r"one --scenario FILE.py"),
        ({"scenarios": [FRONT_PAGE, FRONT_PAGE]}, "say what to ask"),
        ({"get": ["/"]}, "say what to ask"),
        ({"claims": ["c/a p50 >= 2"]}, "unknown target 'c'; choose from: a, b"),
        ({"claims": ["b/a p50 >= 2 of session"]}, "unknown scenario 'session'"),
        ({"claims": ["b/a p50 >= 2 in db+1ms"]}, "unknown regime"),
        ({"users": 3}, "--users means nothing"),
        ({"profile": "fast"}, "unknown profile"),
        ({"reference": "c"}, "unknown target 'c'"),
        ({"blocks": 3, "seconds": 3}, "both say how long"),
        ({"blocks": 1}, "--blocks is 1"),
        ({"seconds": 0}, "--seconds is 0"),
        ({"rate": 0}, "--rate is 0"),
        ({"header_hit": "X-Cache"}, "takes NAME: WORD"),
        ({"header_hit": ""}, "takes NAME: WORD"),
        ({"ignore": ["id"]}, "no JSON path"),
        ({"ignore": ["$["]}, "no JSON path"),
        ({"header": ["Authorization"]}, "takes NAME: VALUE"),
        ({"header": ["A: ${NOBODY}"]}, "the environment has no NOBODY"),
        ({"header": ["A: @nowhere.txt"]}, "nowhere.txt: No such file"),
    ],
)
def test_what_means_nothing_for_targets_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        asked(**changes)

from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.scenarios import examples
from benchmarks.storage.usage import UsageError

FRONT_PAGE = str(Path(examples.__file__).with_name("front_page.py"))
A, B = "a=http://127.0.0.1:8080", "b=http://127.0.0.1:8081"


def asked(*targets: str, scenarios: Any = (FRONT_PAGE,), **changes: Any) -> TargetOptions:
    return TargetOptions.asked_for(targets or (A, B), scenarios, **changes)


def test_the_first_target_is_the_reference_and_each_is_compared_with_itself_too() -> None:
    options = asked(B, A, claims=["b/a p50 >= 2"])

    assert [target.name for target in options.targets] == ["b", "a"]
    assert options.targets[0].url == "http://127.0.0.1:8081"
    assert [case.regime for case in options.cases] == ["native", "a/a"]
    # Claims are about the targets and the file's scenario.
    assert options.asked == ("U1",)
    assert options.claims[0].scenario == "front-page"


@pytest.mark.parametrize(
    "targets",
    [
        [A],
        [A, A],
        [A, "a=http://127.0.0.1:9"],
        [A, "b"],
        [A, "b=ftp://127.0.0.1"],
        [A, "b=https://127.0.0.1"],
        [A, "b=http://"],
        [A, "b=http://127.0.0.1:0"],
        [A, "b=http://127.0.0.1:99999"],
        [A, "b=http://127.0.0.1/path"],
        [A, "9=http://127.0.0.1"],
        [A, "=http://127.0.0.1"],
    ],
)
def test_what_is_no_pair_of_targets_is_answered_with_the_form(targets: list[str]) -> None:
    with pytest.raises(UsageError, match=r"--target|two targets"):
        asked(*targets)


@pytest.mark.parametrize("scenarios", [[], ["session"], [FRONT_PAGE, FRONT_PAGE]])
def test_one_scenario_file_is_needed(scenarios: list[str]) -> None:
    with pytest.raises(UsageError, match=r"one --scenario FILE.py"):
        asked(scenarios=scenarios)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"claims": ["c/a p50 >= 2"]}, "unknown target 'c'; choose from: a, b"),
        ({"claims": ["b/a p50 >= 2 of session"]}, "unknown scenario 'session'"),
        ({"claims": ["b/a p50 >= 2 in db+1ms"]}, "unknown regime"),
        ({"fail_on": ["C1"]}, "unknown claim 'C1'"),
        ({"useless": ["--users"]}, "--users is about this project's own service"),
        ({"profile": "fast"}, "unknown profile"),
    ],
)
def test_what_means_nothing_for_targets_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        asked(**changes)

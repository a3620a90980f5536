import math
from pathlib import Path
from typing import Any

import pytest

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.diff.changes import (
    CaseKey,
    ChangeVerdict,
    diff_runs,
    judge_change,
    read_run,
)
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.diff.runs import failing, samples, stored, write_run

UNCHANGED = ChangeVerdict("unchanged")
OPEN = ChangeVerdict("undecided", "the interval is too wide")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.97, 1.03, UNCHANGED),
        (1.03, 1.10, UNCHANGED),
        (1.09, 1.12, OPEN),
        (0.5, 2.0, OPEN),
        (0.88, 0.95, OPEN),
        (1.11, 1.3, ChangeVerdict("changed", "better")),
        (0.7, 0.90, ChangeVerdict("changed", "worse")),
    ],
)
def test_a_change_is_judged_by_the_whole_interval(
    low: float, high: float, verdict: ChangeVerdict
) -> None:
    assert judge_change(Interval(math.sqrt(low * high), low, high)) == verdict


CACHED = CaseKey("session", "native", "cached")
SLOW = CaseKey("session", "50ms-per-query", "cached")
HITS = CaseKey("hits", "native", "cached")
TWICE = {case: [1.4, 1.41, 1.39, 1.4] for case in (CACHED, SLOW, HITS)}
WHOLE = {"scenario": "", "regime": ""}


@pytest.mark.parametrize(
    ("a", "b", "refused"),
    [
        ([], [failing(regime="50ms-per-query")], {SLOW: "bodies failed in B"}),
        (
            [failing(variants=("cached",))],
            [failing("noise", variants=("other",))],
            {CACHED: "bodies failed in A"},
        ),
        # Of the whole run, and named once for each run.
        (
            [failing(**WHOLE), failing("noise", **WHOLE), failing(**WHOLE)],
            [failing(**WHOLE)],
            dict.fromkeys(TWICE, "bodies, noise failed in A; bodies failed in B"),
        ),
    ],
)
def test_a_check_that_failed_leaves_undecided_what_it_is_about_and_nothing_else(
    a: list[Any], b: list[Any], refused: dict[CaseKey, str]
) -> None:
    diff = diff_runs(stored(TWICE, checks=a), stored(TWICE, checks=b))

    assert {row.case: row.verdict for row in diff.rows} == {
        case: ChangeVerdict("undecided", refused[case]) if case in refused else UNCHANGED
        for case in TWICE
    }
    assert len(diff.objections) == len([*a, *b])


def test_what_only_one_run_or_only_once_measured_is_not_judged() -> None:
    a, b = stored({CACHED: [1.4], HITS: [1.4, 1.4]}), stored({CACHED: [1.4]})

    [row] = diff_runs(a, b).rows
    assert row.verdict == ChangeVerdict("undecided", "fewer than 2 observations")
    with pytest.raises(UsageError, match="nothing that is the same"):
        diff_runs(a, stored({SLOW: [1.0, 1.0]}))


def test_a_comparison_is_read_as_the_speedups_of_its_blocks_or_of_its_starts(
    tmp_path: Path,
) -> None:
    # Neither the reference nor what is compared with itself has a speedup.
    measured = samples(observations=6, noise=0.0) + samples(regime="a/a")

    once = read_run(write_run(tmp_path / "once", measured))
    thrice = read_run(write_run(tmp_path / "thrice", samples(restarts=3, observations=10)))

    assert once.speedups == {CACHED: pytest.approx([math.log(4)] * 6)}
    assert thrice.speedups == {CACHED: pytest.approx([math.log(4)] * 3, abs=0.05)}

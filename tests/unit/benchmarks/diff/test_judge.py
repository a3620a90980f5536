import random
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.diff.changes import ChangeVerdict
from benchmarks.diff.judge import Diff, diff_runs
from benchmarks.diff.stored import CaseKey, Cell, StoredRun
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.diff.runs import failing, log_normal, stored

NATIVE = CaseKey("session", "native", "cached")
SLOW = CaseKey("session", "50ms-per-query", "cached")
HITS = CaseKey("hits", "native", "cached")
TWICE = {place: [4.0, 4.1, 3.9, 4.0] for place in (NATIVE, SLOW, HITS)}
TRUST = {NATIVE: "unchanged", SLOW: "unchanged", HITS: "unchanged"}


def decisions(diff: Diff) -> dict[CaseKey, str]:
    return {row.place: row.verdict.decision for row in diff.rows if row.verdict is not None}


def native(a: StoredRun, b: StoredRun) -> ChangeVerdict | None:
    return {row.place: row.verdict for row in diff_runs(a, b, margin=0.1).rows}[NATIVE]


@pytest.mark.parametrize(
    ("truth", "verdict", "least"),
    [
        (1.0, ChangeVerdict("unchanged"), 96),
        (0.8, ChangeVerdict("changed", "worse"), 99),
        (1.25, ChangeVerdict("changed", "better"), 99),
    ],
)
def test_the_same_service_is_unchanged_and_one_that_gained_or_lost_a_quarter_is_found_out(
    truth: float, verdict: ChangeVerdict, least: int
) -> None:
    rng = random.Random(3)

    def run(truth: float) -> StoredRun:
        return stored({NATIVE: log_normal(rng, 30, middle=4.0 * truth, spread=0.05)})

    found = [native(run(1.0), run(truth)) for _ in range(100)]

    assert found.count(verdict) >= least
    wrong = {each.decision for each in found if each and each != verdict}
    assert wrong <= {"undecided"}


def test_in_runs_of_the_same_service_nothing_is_called_changed_even_without_a_margin() -> None:
    rng = random.Random(2)

    def run() -> StoredRun:
        return stored({place: log_normal(rng, 12, middle=4.0, spread=0.05) for place in TWICE})

    found = [decisions(diff_runs(run(), run(), margin=0.0)) for _ in range(200)]

    # 5 % and three standard errors of it.
    assert sum("changed" in each.values() for each in found) / 200 <= 0.096


def test_a_check_that_failed_in_one_place_leaves_the_others_alone() -> None:
    a, b = stored(TWICE), stored(TWICE, checks=[failing(regime="50ms-per-query")])

    diff = diff_runs(a, b, margin=0.1)

    assert decisions(diff) == TRUST | {SLOW: "undecided"}
    [verdict] = [row.verdict for row in diff.rows if row.place == SLOW]
    assert verdict == ChangeVerdict("undecided", "bodies failed in B")
    assert diff.judged == 2
    assert len(diff.objections) == 1


def test_the_checks_that_failed_are_named_once_for_each_run() -> None:
    whole = {"scenario": "", "regime": ""}
    a = stored(TWICE, checks=[failing(**whole), failing(name="noise", **whole), failing(**whole)])

    verdict = native(a, stored(TWICE, checks=[failing(**whole)]))

    assert verdict == ChangeVerdict("undecided", "bodies, noise failed in A; bodies failed in B")
    assert "a FAILED bodies (whole run)" in diff_runs(a, a, margin=0.1).objections[0]


@pytest.mark.parametrize(
    ("header", "decided", "objections"),
    [
        ({"checks": [failing(result="noisy")]}, True, []),
        (
            {"checks": [failing(name="coherence", scenario="probe")]},
            False,
            ["half FAILED coherence (probe, native): bodies differ"],
        ),
        (
            {"state": "interrupted", "reason": "it was stopped before its end"},
            False,
            ["half is interrupted: it was stopped before its end"],
        ),
    ],
)
def test_a_check_of_the_whole_run_that_failed_or_a_run_that_did_not_end_decides_nothing(
    header: dict[str, Any],
    decided: bool,  # noqa: FBT001
    objections: list[str],
) -> None:
    diff = diff_runs(stored(TWICE, name="half", **header), stored(TWICE), margin=0.1)

    assert decisions(diff) == (TRUST if decided else dict.fromkeys(TRUST, "undecided"))
    assert diff.objections == objections


def test_what_only_one_run_measured_is_named() -> None:
    a, b = stored({NATIVE: [4.0, 4.0], HITS: [4.0, 4.0]}), stored({NATIVE: [4.0, 4.0]})

    diff = diff_runs(a, b, margin=0.1)

    assert [row.place for row in diff.rows] == [NATIVE]
    assert (diff.only_in_a, diff.only_in_b) == ([HITS], [])


def test_a_single_observation_decides_nothing() -> None:
    verdict = native(stored({NATIVE: [4.0]}), stored({NATIVE: [4.0, 4.0]}))

    assert verdict == ChangeVerdict("undecided", "fewer than 2 observations")


def test_the_reference_has_times_and_no_verdict() -> None:
    reference = CaseKey("session", "native", "uncached")
    a = replace(stored(TWICE), cells={reference: Cell(amounts=[10.0, 10.2], speedups=None)})

    [row] = diff_runs(a, a, margin=0.1).rows

    assert row.verdict is None
    assert row.amount is not None


def test_only_a_speedup_that_shrank_is_worse() -> None:
    slow, fast = stored({NATIVE: [2.0, 2.02]}), stored({NATIVE: [4.0, 4.02]})

    assert diff_runs(fast, slow, margin=0.1).worse
    assert not diff_runs(slow, fast, margin=0.1).worse


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        (stored(TWICE, kind="ladder"), "of the same command"),
        (stored({CaseKey("writes", "native", "cached"): [1.0, 1.0]}), "nothing that is the same"),
    ],
)
def test_runs_of_other_commands_or_with_nothing_in_common_cannot_be_compared(
    other: StoredRun, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        diff_runs(stored(TWICE), other, margin=0.1)

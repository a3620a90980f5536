import math
import random

import pytest
from scipy import stats

from benchmarks.analysis.stats.intervals import MeanDifference, from_log
from benchmarks.diff.changes import (
    ChangeVerdict,
    Diff,
    diff_runs,
    difference,
    judge_changes,
    p_beyond,
)
from benchmarks.diff.runs import CaseKey, StoredRun
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.diff.runs import failing, stored

DRAWS = 300
MARGIN = 0.1
A_TWENTIETH = 0.088
"""A share of 5 % in so many draws, and three standard errors of it."""


def drawn(rng: random.Random, truth: float, *, spread: float = 0.05) -> MeanDifference:
    """Draw two groups that differ in size and spread, the second ``truth`` times the first."""
    before = [4.0 * rng.lognormvariate(0, spread) for _ in range(30)]
    after = [4.0 * truth * rng.lognormvariate(0, 2 * spread) for _ in range(8)]
    return difference(before, after)


def of_p(p: float) -> MeanDifference:
    """Make a difference with a two-sided p-value."""
    return MeanDifference(0.01 * float(stats.t.isf(p / 2, 30)), 0.01, 30)


def test_a_difference_is_that_of_welchs_test_on_the_logarithms() -> None:
    before, after = [1.0, 1.2, 1.1, 0.9], [2.0, 2.6, 1.7]

    found = difference(before, after)

    expected = stats.ttest_ind(
        [math.log(value) for value in after],
        [math.log(value) for value in before],
        equal_var=False,
    )
    low, high = expected.confidence_interval(0.95)
    interval = from_log(found.interval(0.95))
    assert interval.low == pytest.approx(math.exp(low))
    assert interval.high == pytest.approx(math.exp(high))
    assert p_beyond(found, 0.0) == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(
    ("rows", "truth", "spread", "margin", "wrong"),
    [
        (1, 1.0, 0.05, 0.0, "changed"),  # equal groups
        (6, 1.0, 0.05, 0.0, "changed"),  # any of several
        (1, 1.1, 0.05, MARGIN, "changed"),  # a change of exactly the margin
        (1, 1.1, 0.02, MARGIN, "unchanged"),
    ],
)
def test_what_is_wrong_is_said_in_at_most_a_twentieth(
    rows: int, truth: float, spread: float, margin: float, wrong: str
) -> None:
    rng = random.Random(2)

    def called() -> list[ChangeVerdict]:
        differences = {row: drawn(rng, truth, spread=spread) for row in range(rows)}
        return [*judge_changes(differences, margin=margin).values()]

    wrongly = sum(wrong in {each.decision for each in called()} for _ in range(DRAWS))
    assert wrongly / DRAWS <= A_TWENTIETH


@pytest.mark.parametrize(
    ("log", "error", "verdict"),
    [
        (0.0, 0.01, ChangeVerdict("unchanged")),
        (0.05, 0.005, ChangeVerdict("unchanged")),
        (math.log(1.3), 0.01, ChangeVerdict("changed", "better")),
        (-math.log(1.3), 0.01, ChangeVerdict("changed", "worse")),
        (0.0, 0.2, ChangeVerdict("undecided", "the interval is too wide")),
        (0.09, 0.02, ChangeVerdict("undecided", "differs, perhaps by less than the margin")),
        (-0.09, 0.02, ChangeVerdict("undecided", "differs, perhaps by less than the margin")),
    ],
)
def test_what_is_said_depends_on_where_the_interval_lies(
    log: float, error: float, verdict: ChangeVerdict
) -> None:
    assert judge_changes({0: MeanDifference(log, error, 30)}, margin=MARGIN)[0] == verdict


def test_one_of_many_comparisons_needs_more_evidence_than_a_single_one() -> None:
    suspicious = MeanDifference(math.log(1.1) + 0.020, 0.01, 30)
    quiet = {row: MeanDifference(0.0, 0.01, 30) for row in range(1, 10)}

    alone = judge_changes({0: suspicious}, margin=MARGIN)
    among_ten = judge_changes({0: suspicious} | quiet, margin=MARGIN)

    assert alone[0] == ChangeVerdict("changed", "better")
    assert among_ten[0] == ChangeVerdict("undecided", "changed, were it the only comparison")


# Bonferroni would need 0.025 of both; Holm needs 0.025 of the first and 0.05 of the second.
@pytest.mark.parametrize(
    ("p_values", "decision"), [((0.03, 0.02), "changed"), ((0.03, 0.026), "undecided")]
)
def test_holms_method_asks_less_of_the_second_and_stops_at_the_first_that_is_kept(
    p_values: tuple[float, float], decision: str
) -> None:
    verdicts = judge_changes({p: of_p(p) for p in p_values}, margin=0.0)

    assert {verdict.decision for verdict in verdicts.values()} == {decision}


NATIVE = CaseKey("session", "native", "cached")
SLOW = CaseKey("session", "50ms-per-query", "cached")
HITS = CaseKey("hits", "native", "cached")
TWICE = {case: [4.0, 4.1, 3.9, 4.0] for case in (NATIVE, SLOW, HITS)}
TRUST = {NATIVE: "unchanged", SLOW: "unchanged", HITS: "unchanged"}


def decisions(diff: Diff) -> dict[CaseKey, str]:
    return {row.case: row.verdict.decision for row in diff.rows}


def native(a: StoredRun, b: StoredRun) -> ChangeVerdict:
    return {row.case: row.verdict for row in diff_runs(a, b, margin=0.1).rows}[NATIVE]


def test_a_check_that_failed_in_one_place_leaves_the_others_alone() -> None:
    a, b = stored(TWICE), stored(TWICE, checks=[failing(regime="50ms-per-query")])

    diff = diff_runs(a, b, margin=0.1)

    assert decisions(diff) == TRUST | {SLOW: "undecided"}
    [verdict] = [row.verdict for row in diff.rows if row.case == SLOW]
    assert verdict == ChangeVerdict("undecided", "bodies failed in B")
    assert diff.judged == 2
    assert len(diff.objections) == 1


def test_the_checks_that_failed_are_named_once_for_each_run() -> None:
    whole = {"scenario": "", "regime": ""}
    a = stored(TWICE, checks=[failing(**whole), failing("noise", **whole), failing(**whole)])

    verdict = native(a, stored(TWICE, checks=[failing(**whole)]))

    assert verdict == ChangeVerdict("undecided", "bodies, noise failed in A; bodies failed in B")
    assert "a FAILED bodies (whole run)" in diff_runs(a, a, margin=0.1).objections[0]


def test_values_that_do_not_vary_are_judged_by_their_difference_alone_and_too_few_not_at_all() -> (
    None
):
    same, other = difference([2.0, 2.0], [2.0, 2.0]), difference([2.0, 2.0], [3.0, 3.0])

    verdicts = judge_changes({"same": same, "other": other}, margin=MARGIN)

    assert verdicts["same"] == ChangeVerdict("unchanged")
    assert verdicts["other"] == ChangeVerdict("changed", "better")
    for before, after in (([1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, 0.0])):
        with pytest.raises(ValueError, match="needs"):
            difference(before, after)


def test_what_only_one_run_or_only_once_measured_is_named() -> None:
    a, b = stored({NATIVE: [4.0], HITS: [4.0, 4.0]}), stored({NATIVE: [4.0]})

    diff = diff_runs(a, b, margin=0.1)

    [row] = diff.rows
    assert (diff.only_in_a, diff.only_in_b) == ([HITS], [])
    assert row.verdict == ChangeVerdict("undecided", "fewer than 2 observations")
    other = stored({CaseKey("writes", "native", "cached"): [1.0, 1.0]})
    with pytest.raises(UsageError, match="nothing that is the same"):
        diff_runs(a, other, margin=0.1)

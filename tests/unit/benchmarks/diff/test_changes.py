import math
import random

import pytest
from scipy import stats

from benchmarks.diff.changes import ChangeVerdict, RunDifference, difference, judge_changes
from tests.unit.benchmarks.diff.runs import log_normal

DRAWS = 400
MARGIN = 0.1
# What is wrong in 5 % is in so many draws wrong in at most 8.3 %, three standard errors more.
A_TWENTIETH = 0.083


def drawn(rng: random.Random, truth: float, *, spread: float = 0.05) -> RunDifference:
    """Draw two groups that differ in size and spread, the second ``truth`` times the first."""
    before = log_normal(rng, 30, middle=4.0, spread=spread)
    after = log_normal(rng, 8, middle=4.0 * truth, spread=2 * spread)
    return difference(before, after)


def test_a_difference_is_that_of_welchs_test_on_the_logarithms() -> None:
    before, after = [1.0, 1.2, 1.1, 0.9], [2.0, 2.6, 1.7]

    found = difference(before, after)

    expected = stats.ttest_ind(
        [math.log(value) for value in after],
        [math.log(value) for value in before],
        equal_var=False,
    )
    low, high = expected.confidence_interval(0.95)
    interval = found.interval(0.95)
    assert interval.low == pytest.approx(math.exp(low))
    assert interval.high == pytest.approx(math.exp(high))
    assert found.p_beyond(0.0) == pytest.approx(expected.pvalue)


def test_nine_of_ten_90_percent_intervals_hold_the_truth_at_unequal_sizes_and_spreads() -> None:
    rng = random.Random(1)
    intervals = [drawn(rng, 1.3).interval(0.90) for _ in range(DRAWS)]

    covered = sum(interval.low <= 1.3 <= interval.high for interval in intervals) / DRAWS

    # Three standard errors of a share of 0.9 in so many draws are 0.045.
    assert 0.855 <= covered <= 0.945


def test_equal_groups_are_called_changed_in_at_most_a_twentieth_without_any_margin() -> None:
    rng = random.Random(2)
    called = [judge_changes({0: drawn(rng, 1.0)}, margin=0.0)[0] for _ in range(DRAWS)]

    assert sum(verdict.decision == "changed" for verdict in called) / DRAWS <= A_TWENTIETH


def test_of_six_equal_pairs_any_is_called_changed_in_at_most_a_twentieth() -> None:
    rng = random.Random(3)
    families = [
        judge_changes({row: drawn(rng, 1.0) for row in range(6)}, margin=0.0) for _ in range(DRAWS)
    ]

    wrong = [
        any(verdict.decision == "changed" for verdict in family.values()) for family in families
    ]
    assert sum(wrong) / len(wrong) <= A_TWENTIETH


def test_a_change_of_exactly_the_margin_is_called_changed_in_at_most_a_twentieth() -> None:
    rng = random.Random(4)
    called = [judge_changes({0: drawn(rng, 1.1)}, margin=MARGIN)[0] for _ in range(DRAWS)]

    assert sum(verdict.decision == "changed" for verdict in called) / DRAWS <= A_TWENTIETH


def test_a_change_of_exactly_the_margin_is_called_unchanged_in_at_most_a_twentieth() -> None:
    rng = random.Random(5)
    called = [
        judge_changes({0: drawn(rng, 1.1, spread=0.02)}, margin=MARGIN)[0] for _ in range(DRAWS)
    ]

    assert sum(verdict.decision == "unchanged" for verdict in called) / DRAWS <= A_TWENTIETH


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
    assert judge_changes({0: RunDifference(log, error, 30)}, margin=MARGIN)[0] == verdict


def test_one_of_many_comparisons_needs_more_evidence_than_a_single_one() -> None:
    suspicious = RunDifference(math.log(1.1) + 0.020, 0.01, 30)
    quiet = {row: RunDifference(0.0, 0.01, 30) for row in range(1, 10)}

    alone = judge_changes({0: suspicious}, margin=MARGIN)
    among_ten = judge_changes({0: suspicious} | quiet, margin=MARGIN)

    assert alone[0] == ChangeVerdict("changed", "better")
    assert among_ten[0] == ChangeVerdict("undecided", "changed, were it the only comparison")


def test_holms_method_asks_less_of_the_second_than_of_the_first() -> None:
    # Two-sided p-values of 0.02 and 0.03: Bonferroni would reject neither, Holm needs 0.025, 0.05.
    def of(p: float) -> RunDifference:
        return RunDifference(0.01 * float(stats.t.isf(p / 2, 30)), 0.01, 30)

    verdicts = judge_changes({0: of(0.03), 1: of(0.02)}, margin=0.0)

    assert {verdict.decision for verdict in verdicts.values()} == {"changed"}


def test_after_the_first_that_is_kept_nothing_is_called_changed() -> None:
    def of(p: float) -> RunDifference:
        return RunDifference(0.01 * float(stats.t.isf(p / 2, 30)), 0.01, 30)

    verdicts = judge_changes({0: of(0.03), 1: of(0.026)}, margin=0.0)

    assert {verdict.decision for verdict in verdicts.values()} == {"undecided"}


def test_values_that_do_not_vary_are_judged_by_their_difference_alone() -> None:
    same, other = difference([2.0, 2.0], [2.0, 2.0]), difference([2.0, 2.0], [3.0, 3.0])

    verdicts = judge_changes({"same": same, "other": other}, margin=MARGIN)

    assert verdicts["same"] == ChangeVerdict("unchanged")
    assert verdicts["other"] == ChangeVerdict("changed", "better")


@pytest.mark.parametrize(
    ("before", "after"), [([1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, 0.0])]
)
def test_too_few_or_impossible_values_have_no_difference(
    before: list[float], after: list[float]
) -> None:
    with pytest.raises(ValueError, match="needs"):
        difference(before, after)

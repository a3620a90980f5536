import math
import random

import pytest
from scipy import stats

from benchmarks.diff.changes import ChangeVerdict, RunDifference, difference, judge_changes
from tests.unit.benchmarks.diff.runs import log_normal

DRAWS = 300
MARGIN = 0.1
# Three standard errors of a share in so many draws on either side of it.
NINE_TENTHS = (0.848, 0.952)
A_TWENTIETH = 0.088


def drawn(rng: random.Random, truth: float, *, spread: float = 0.05) -> RunDifference:
    """Draw two groups that differ in size and spread, the second ``truth`` times the first."""
    before = log_normal(rng, 30, middle=4.0, spread=spread)
    after = log_normal(rng, 8, middle=4.0 * truth, spread=2 * spread)
    return difference(before, after)


def of_p(p: float) -> RunDifference:
    """Make a difference with a two-sided p-value."""
    return RunDifference(0.01 * float(stats.t.isf(p / 2, 30)), 0.01, 30)


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

    assert NINE_TENTHS[0] <= covered <= NINE_TENTHS[1]


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
    assert judge_changes({0: RunDifference(log, error, 30)}, margin=MARGIN)[0] == verdict


def test_one_of_many_comparisons_needs_more_evidence_than_a_single_one() -> None:
    suspicious = RunDifference(math.log(1.1) + 0.020, 0.01, 30)
    quiet = {row: RunDifference(0.0, 0.01, 30) for row in range(1, 10)}

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

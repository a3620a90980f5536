import math

import pytest

from benchmarks.analysis.claims.claim import CLAIMS, SEED_RATIO
from benchmarks.analysis.claims.judging import judge
from benchmarks.analysis.claims.verdict import Verdict, judge_at_least, judge_equal, undecided

REPRODUCED = Verdict("reproduced")
STRONGER = Verdict("reproduced", "stronger")
WEAKER = Verdict("not reproduced", "weaker")
NO_EFFECT = Verdict("not reproduced", "no effect")
SLOWER = Verdict("not reproduced", "slower")
MARGIN = Verdict("inconclusive", "straddles the margin")
CLAIM = Verdict("inconclusive", "straddles the claim")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (4.37, 4.43, REPRODUCED),  # the laboratory figures of the method
        (4.66, 4.68, REPRODUCED),
        (1.38, 1.47, WEAKER),
        (4.21, 5.09, REPRODUCED),  # just inside 4.63 / 1.1 and 4.63 * 1.1
        (4.20, 4.60, MARGIN),
        (4.70, 5.10, MARGIN),
        (2.00, 9.00, MARGIN),
        (5.10, 5.20, STRONGER),
        (3.00, 4.20, WEAKER),
        (0.95, 1.05, NO_EFFECT),
        (1.00, 1.05, NO_EFFECT),
        (0.80, 0.99, SLOWER),
    ],
)
def test_the_seed_s_ratio_is_judged_by_equivalence(
    low: float, high: float, verdict: Verdict
) -> None:
    assert judge_equal(SEED_RATIO, low=low, high=high) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (5.0, 5.4, REPRODUCED),
        (4.99, 5.4, CLAIM),
        (4.5, 5.0, CLAIM),
        (4.66, 4.99, WEAKER),
        (0.9, 1.1, NO_EFFECT),
        (0.5, 0.6, SLOWER),
    ],
)
def test_5x_is_taken_literally(low: float, high: float, verdict: Verdict) -> None:
    assert judge_at_least(5.0, low=low, high=high) == verdict


# A claim of 2 with a margin of 1 has the edges 1 and 4 exactly, so rounding plays no part.
@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.0, 4.0, REPRODUCED),
        (1.0, 1.0, REPRODUCED),
        (4.0, 4.0, REPRODUCED),
        (math.nextafter(1, 0), 4.0, MARGIN),
        (1.0, math.nextafter(4, 5), MARGIN),
        (0.5, 1.0, MARGIN),
        (4.0, 5.0, MARGIN),
        (0.5, math.nextafter(1, 0), SLOWER),
        (math.nextafter(4, 5), 5.0, STRONGER),
    ],
)
def test_an_interval_that_touches_an_edge_of_the_margin_is_within_it(
    low: float, high: float, verdict: Verdict
) -> None:
    assert judge_equal(2.0, low=low, high=high, margin=1.0) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (5.0, 5.0, REPRODUCED),
        (math.nextafter(5, 0), 5.0, CLAIM),
        (1.5, math.nextafter(5, 0), WEAKER),
        (1.0, 4.0, NO_EFFECT),
        (0.5, 1.0, NO_EFFECT),
        (0.5, math.nextafter(1, 0), SLOWER),
    ],
)
def test_the_edge_itself_is_at_least_the_claim(low: float, high: float, verdict: Verdict) -> None:
    assert judge_at_least(5.0, low=low, high=high) == verdict


@pytest.mark.parametrize(("low", "high"), [(0.0, math.inf), (math.nan, math.nan)])
def test_an_interval_that_says_nothing_decides_nothing(low: float, high: float) -> None:
    assert judge_equal(SEED_RATIO, low=low, high=high) == MARGIN
    assert judge_at_least(5.0, low=low, high=high) == CLAIM


def test_what_was_not_measured_is_inconclusive_and_says_why() -> None:
    assert undecided("failed: noise") == Verdict("inconclusive", "failed: noise")


def test_each_claim_is_judged_by_its_own_kind() -> None:
    assert judge(CLAIMS["C1"], low=4.6, high=4.7) == REPRODUCED
    assert judge(CLAIMS["C2"], low=4.6, high=4.7) == WEAKER

import math

import pytest

from benchmarks.analysis.claims.claim import CLAIMS, SEED_RATIO, parse_claim
from benchmarks.analysis.claims.verdict import (
    Verdict,
    edges,
    judge,
    judge_at_least,
    judge_at_most,
    judge_equal,
    judge_time,
)

REPRODUCED = Verdict("reproduced")
STRONGER = Verdict("reproduced", "stronger")
WEAKER = Verdict("not reproduced", "weaker")
NO_EFFECT = Verdict("not reproduced", "no effect")
SLOWER = Verdict("not reproduced", "slower")
MARGIN = Verdict("inconclusive", "straddles the margin")
CLAIM = Verdict("inconclusive", "straddles the claim")
BELOW_1, BELOW_5 = math.nextafter(1, 0), math.nextafter(5, 0)
ABOVE_4 = math.nextafter(4, 5)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (4.37, 4.43, REPRODUCED),  # the laboratory figures of the method
        (4.21, 5.09, REPRODUCED),  # just inside 4.63 / 1.1 and 4.63 * 1.1
        (4.20, 4.60, MARGIN),
        (4.70, 5.10, MARGIN),
        (5.10, 5.20, STRONGER),
        (3.00, 4.20, WEAKER),
        (0.95, 1.05, NO_EFFECT),
        (0.80, 0.99, SLOWER),
        (0.0, math.inf, MARGIN),
        (math.nan, math.nan, MARGIN),
    ],
)
def test_the_seed_s_ratio_is_judged_by_equivalence(
    low: float, high: float, verdict: Verdict
) -> None:
    assert judge_equal(SEED_RATIO, low=low, high=high) == verdict


# A claim of 2 with a margin of 1 has the edges 1 and 4 exactly, so rounding plays no part.
@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.0, 4.0, REPRODUCED),
        (1.0, 1.0, REPRODUCED),
        (4.0, 4.0, REPRODUCED),
        (BELOW_1, 4.0, MARGIN),
        (1.0, ABOVE_4, MARGIN),
        (0.5, 1.0, MARGIN),
        (4.0, 5.0, MARGIN),
        (0.5, BELOW_1, SLOWER),
        (ABOVE_4, 5.0, STRONGER),
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
        (BELOW_5, 5.0, CLAIM),
        (1.5, BELOW_5, WEAKER),
        (1.0, 4.0, NO_EFFECT),
        (0.5, 1.0, NO_EFFECT),
        (0.5, BELOW_1, SLOWER),
        (0.0, math.inf, CLAIM),
        (math.nan, math.nan, CLAIM),
    ],
)
def test_5x_is_taken_literally(low: float, high: float, verdict: Verdict) -> None:
    assert judge_at_least(5.0, low=low, high=high) == verdict


@pytest.mark.parametrize(
    ("name", "low", "high", "verdict"),
    [
        ("C1", 4.6, 4.7, REPRODUCED),
        ("C1", 6.0, 6.1, STRONGER),
        ("C2", 4.6, 4.7, WEAKER),
        ("C2", 5.0, 5.1, REPRODUCED),
        ("C3", 0.2, 0.3, REPRODUCED),
        ("C3", 1.0, 1.09, REPRODUCED),
        ("C3", 1.2, 1.3, Verdict("not reproduced", "more")),
        ("C4a", 240, 260, REPRODUCED),
        ("C4a", 15, 16, Verdict("not reproduced", "faster")),
        ("C4b", 60, 70, SLOWER),
        ("C5", 0.9, 1.05, REPRODUCED),
        ("C5", 1.05, 1.2, CLAIM),
        ("C6", 5, 5, REPRODUCED),
        ("C6", 2.5, 2.5, WEAKER),
    ],
)
def test_every_claim_is_judged_by_what_it_claims(
    name: str, low: float, high: float, verdict: Verdict
) -> None:
    assert judge(CLAIMS[name], low=low, high=high) == verdict


@pytest.mark.parametrize(
    ("name", "values"),
    [("C1", (SEED_RATIO / 1.1, SEED_RATIO * 1.1)), ("C2", (5.0,)), ("C3", (1.1,))],
)
def test_the_verdict_on_a_claim_changes_at_its_edges(name: str, values: tuple[float, ...]) -> None:
    assert edges(CLAIMS[name]) == pytest.approx(values)


def test_a_user_s_at_most_is_taken_literally_and_a_margin_is_granted_above_only() -> None:
    claim = parse_claim("b/a p99 <= 2", name="U1")

    assert judge(claim, low=1.9, high=2.0) == REPRODUCED
    assert judge(claim, low=2.01, high=2.1).decision == "not reproduced"
    assert judge_at_most(1.0, low=0.1, high=1.1, margin=0.1) == REPRODUCED
    assert judge_at_most(1.0, low=1.11, high=1.2, margin=0.1).decision == "not reproduced"


def test_a_time_is_judged_on_both_sides_and_may_stay_undecided() -> None:
    assert judge_time(100, low=95, high=105) == REPRODUCED
    assert judge_time(100, low=85, high=95).decision == "inconclusive"
    assert judge_time(100, low=105, high=115).decision == "inconclusive"

import math

import pytest

from benchmarks.analysis.claims.claim import CLAIMS, SEED_RATIO, parse_claim
from benchmarks.analysis.claims.verdict import (
    Verdict,
    edges,
    equal_to,
    judge,
    times_as_long,
)
from benchmarks.analysis.stats.intervals import Interval

REPRODUCED = Verdict("reproduced")
STRONGER = Verdict("reproduced", "stronger")
WEAKER = Verdict("not reproduced", "weaker")
NO_EFFECT = Verdict("not reproduced", "no effect")
SLOWER = Verdict("not reproduced", "slower")
ON_EDGE = Verdict("inconclusive", "straddles the margin")
CLAIM = Verdict("inconclusive", "straddles the claim")
FASTER, MORE = (Verdict("not reproduced", what) for what in ("faster", "more"))
LOW, HIGH = equal_to(SEED_RATIO)
BELOW_LOW, BELOW_1, BELOW_5 = (math.nextafter(edge, 0) for edge in (LOW, 1, 5))
ABOVE_HIGH = math.nextafter(HIGH, math.inf)


@pytest.mark.parametrize(
    ("name", "low", "high", "verdict"),
    [
        # The ratio of the tutorial's model is judged by equivalence.
        ("C1", 4.37, 4.43, REPRODUCED),  # the laboratory figures of the method
        ("C1", 0.95, 1.05, NO_EFFECT),
        ("C1", 0.80, 0.99, SLOWER),
        ("C1", 0.0, math.inf, ON_EDGE),
        ("C1", math.nan, math.nan, ON_EDGE),
        # An interval that touches an edge of the margin is within it.
        ("C1", LOW, HIGH, REPRODUCED),
        ("C1", BELOW_LOW, HIGH, ON_EDGE),
        ("C1", LOW, ABOVE_HIGH, ON_EDGE),
        ("C1", 3.0, LOW, ON_EDGE),
        ("C1", HIGH, 6.0, ON_EDGE),
        ("C1", 3.0, BELOW_LOW, WEAKER),
        ("C1", ABOVE_HIGH, 6.0, STRONGER),
        # 5x is taken literally.
        ("C2", 5.0, 5.0, REPRODUCED),
        ("C2", BELOW_5, 5.0, CLAIM),
        ("C2", 1.5, BELOW_5, WEAKER),
        ("C2", 1.0, 4.0, NO_EFFECT),
        ("C2", 0.5, 1.0, NO_EFFECT),
        ("C2", 0.5, BELOW_1, SLOWER),
        # A margin is granted above only, a time is judged on both sides, a count as a ratio.
        ("C3", 0.1, 1.1, REPRODUCED),
        ("C3", 1.11, 1.3, MORE),
        ("C4a", 240, 260, REPRODUCED),
        ("C4a", 15, 16, FASTER),
        ("C4a", 210, 240, ON_EDGE),
        ("C4a", 260, 290, ON_EDGE),
        ("C4b", 60, 70, SLOWER),
        ("C5", 0.9, 1.05, REPRODUCED),
        ("C5", 1.05, 1.2, CLAIM),
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


@pytest.mark.parametrize(
    ("value", "unit", "times"),
    [
        # As far away as the interval reaches, and a half and a quarter of that.
        (2.0 * 1.21, "x", 1),
        (2.0 * 1.1, "x", 4),
        (2.0 / 1.1**0.5, "x", 16),
        (2.1, "ms", (2.0 * (1.21 - 1 / 1.21) / 2 / 0.1) ** 2),
        # No number of observations tells a value from itself.
        (2.0, "x", math.inf),
    ],
)
def test_an_interval_narrows_with_the_root_of_the_observations(
    value: float, unit: str, times: float
) -> None:
    found = times_as_long(Interval(2.0, 2.0 / 1.21, 2.0 * 1.21), value, unit=unit)

    assert found == pytest.approx(times)


def test_a_user_s_at_most_is_taken_literally() -> None:
    claim = parse_claim("b/a p99 <= 2", name="U1")

    assert judge(claim, low=1.9, high=2.0) == REPRODUCED
    assert judge(claim, low=2.01, high=2.1) == MORE

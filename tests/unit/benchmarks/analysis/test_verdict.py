import pytest

from benchmarks.analysis.claims import CLAIMS, SEED_RATIO
from benchmarks.analysis.verdict import Verdict, judge, judge_at_least, judge_equal

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


def test_each_claim_is_judged_by_its_own_kind() -> None:
    assert judge(CLAIMS["C1"], low=4.6, high=4.7) == REPRODUCED
    assert judge(CLAIMS["C2"], low=4.6, high=4.7) == WEAKER

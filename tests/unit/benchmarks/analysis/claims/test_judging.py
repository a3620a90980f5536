import pytest

from benchmarks.analysis.claims.claim import CLAIMS, parse_claim
from benchmarks.analysis.claims.judging import judge, judge_at_most, judge_time
from benchmarks.analysis.claims.verdict import Verdict

REPRODUCED = Verdict("reproduced")


@pytest.mark.parametrize(
    ("name", "low", "high", "verdict"),
    [
        ("C1", 4.6, 4.7, REPRODUCED),
        ("C1", 6.0, 6.1, Verdict("reproduced", "stronger")),
        ("C2", 4.6, 4.7, Verdict("not reproduced", "weaker")),
        ("C2", 5.0, 5.1, REPRODUCED),
        ("C3", 0.2, 0.3, REPRODUCED),
        ("C3", 1.0, 1.09, REPRODUCED),
        ("C3", 1.2, 1.3, Verdict("not reproduced", "more")),
        ("C4a", 240, 260, REPRODUCED),
        ("C4a", 15, 16, Verdict("not reproduced", "faster")),
        ("C4b", 60, 70, Verdict("not reproduced", "slower")),
        ("C5", 0.9, 1.05, REPRODUCED),
        ("C5", 1.05, 1.2, Verdict("inconclusive", "straddles the claim")),
        ("C6", 5, 5, REPRODUCED),
        ("C6", 2.5, 2.5, Verdict("not reproduced", "weaker")),
    ],
)
def test_every_claim_is_judged_by_what_it_claims(
    name: str, low: float, high: float, verdict: Verdict
) -> None:
    assert judge(CLAIMS[name], low=low, high=high) == verdict


def test_a_user_s_at_most_is_taken_literally() -> None:
    claim = parse_claim("b/a p99 <= 2", name="U1")

    assert judge(claim, low=1.9, high=2.0) == REPRODUCED
    assert judge(claim, low=2.01, high=2.1).decision == "not reproduced"


def test_a_margin_is_granted_above_only() -> None:
    assert judge_at_most(1.0, low=0.1, high=1.1, margin=0.1) == REPRODUCED
    assert judge_at_most(1.0, low=1.11, high=1.2, margin=0.1).decision == "not reproduced"


def test_a_time_is_judged_on_both_sides_and_may_stay_undecided() -> None:
    assert judge_time(100, low=95, high=105) == REPRODUCED
    assert judge_time(100, low=85, high=95).decision == "inconclusive"
    assert judge_time(100, low=105, high=115).decision == "inconclusive"

import numpy as np
import pytest

from benchmarks.analysis.claims.claim import SEED_RATIO
from benchmarks.analysis.claims.power import blocks_needed, blocks_to_decide
from benchmarks.analysis.claims.verdict import (
    CONFIDENCE,
    MARGIN,
    Verdict,
    judge_at_least,
    judge_equal,
)
from benchmarks.analysis.stats.ratio import Interval, paired_log_interval
from tests.unit.benchmarks.analysis.simulated import RUNS, paired_blocks

COV = 0.07
"""Of the log-ratio of a pair of blocks, as measured on small machines (METHOD 1.3)."""


def verdicts(truth: float, blocks: int, *, at_least: float | None = None) -> dict[str, float]:
    """Return the share of the runs that end in each decision."""
    pairs = paired_blocks(np.random.default_rng(blocks), blocks, noise=COV, ratio=truth)
    shares = dict.fromkeys(("reproduced", "not reproduced", "inconclusive"), 0.0)
    for reference, variant in zip(*(arm.tolist() for arm in pairs), strict=True):
        found = paired_log_interval(reference, variant, confidence=CONFIDENCE)
        shares[judged(found.low, found.high, at_least).decision] += 1 / RUNS
    return shares


def judged(low: float, high: float, at_least: float | None) -> Verdict:
    if at_least is None:
        return judge_equal(SEED_RATIO, low=low, high=high)
    return judge_at_least(at_least, low=low, high=high)


@pytest.mark.parametrize(
    ("cov", "full_width", "blocks"), [(0.07, 0.05, 31), (0.07, 0.10, 8), (0.0, 0.05, 1)]
)
def test_blocks_needed_follow_the_formula(cov: float, full_width: float, blocks: int) -> None:
    assert blocks_needed(cov, full_width) == blocks


def test_less_confidence_needs_fewer_blocks() -> None:
    assert blocks_needed(0.07, 0.05, confidence=0.90) == 22


def test_that_many_blocks_make_an_interval_about_as_wide_as_asked_for() -> None:
    reference, variant = paired_blocks(
        np.random.default_rng(1), blocks_needed(COV, 0.05), noise=COV
    )

    intervals = [*map(paired_log_interval, reference.tolist(), variant.tolist())]

    widths = [(entry.high - entry.low) / entry.centre for entry in intervals]
    assert np.mean(widths) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize(("cov", "full_width"), [(-0.1, 0.05), (0.1, 0.0)])
def test_no_number_of_blocks_makes_an_interval_without_width(cov: float, full_width: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        blocks_needed(cov, full_width)


@pytest.mark.parametrize(
    ("truth", "decision"),
    [
        (SEED_RATIO, "reproduced"),
        (SEED_RATIO * 1.3, "reproduced"),
        (SEED_RATIO / 1.3, "not reproduced"),
        (1.4, "not reproduced"),
        (1.0, "not reproduced"),
    ],
)
def test_equality_is_judged_rightly_in_95_of_100_runs_of_30_blocks(
    truth: float, decision: str
) -> None:
    assert verdicts(truth, 30)[decision] >= 0.95


def test_more_blocks_decide_more_often() -> None:
    few, some, many = (verdicts(SEED_RATIO, blocks)["reproduced"] for blocks in (4, 8, 16))

    assert few < some < many
    assert some > 0.8


@pytest.mark.parametrize(
    ("truth", "wrong"),
    [
        (SEED_RATIO / (1 + MARGIN), "reproduced"),
        (SEED_RATIO / (1 + MARGIN), "not reproduced"),
    ],
)
def test_on_the_edge_either_decision_is_wrong_and_rare(truth: float, wrong: str) -> None:
    assert verdicts(truth, 30)[wrong] <= 0.07


@pytest.mark.parametrize(
    ("truth", "decision"), [(5.25, "reproduced"), (4.75, "not reproduced"), (1.4, "not reproduced")]
)
def test_at_least_is_judged_rightly_in_90_of_100_runs_of_30_blocks(
    truth: float, decision: str
) -> None:
    assert verdicts(truth, 30, at_least=5.0)[decision] >= 0.90


@pytest.mark.parametrize("wrong", ["reproduced", "not reproduced"])
def test_exactly_5x_is_hardly_ever_decided(wrong: str) -> None:
    assert verdicts(5.0, 30, at_least=5.0)[wrong] <= 0.07


RATIO = Interval(2.0, 1.8, 2.0**2 / 1.8)


def test_four_times_the_distance_takes_a_sixteenth_of_the_blocks() -> None:
    near = blocks_to_decide(RATIO, 2.0 * 1.05, blocks=30, unit="x")
    far = blocks_to_decide(RATIO, 2.0 * 1.05**4, blocks=30, unit="x")

    assert near is not None
    assert far is not None
    assert near / far == pytest.approx(16, rel=0.15)


@pytest.mark.parametrize(
    ("interval", "unit"), [(RATIO, "x"), (Interval(50.0, 40.0, 60.0), "ms")], ids=["x", "ms"]
)
def test_the_blocks_that_were_measured_just_decide_an_edge_at_the_end_of_their_interval(
    interval: Interval, unit: str
) -> None:
    assert blocks_to_decide(interval, interval.low, blocks=30, unit=unit) == pytest.approx(
        30, abs=1
    )


def test_a_time_of_few_wild_blocks_may_have_an_interval_that_reaches_below_zero() -> None:
    wild = Interval(13.6, -22.5, 49.7)

    assert blocks_to_decide(wild, 49.1, blocks=2, unit="ms") == 3


def test_what_is_on_the_edge_cannot_be_decided() -> None:
    assert blocks_to_decide(Interval(2.0, 1.8, 2.2), 2.0, blocks=30, unit="x") is None

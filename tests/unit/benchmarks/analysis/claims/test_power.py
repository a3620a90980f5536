import numpy as np
import pytest

from benchmarks.analysis.claims.claim import SEED_RATIO
from benchmarks.analysis.claims.verdict import (
    CONFIDENCE,
    MARGIN,
    blocks_needed,
    blocks_to_decide,
    judge_at_least,
    judge_equal,
)
from benchmarks.analysis.stats.intervals import Interval, paired_log_interval
from tests.unit.benchmarks.analysis.simulated import RUNS, paired_blocks

COV = 0.07
"""Of the log-ratio of a pair of blocks, as measured on small machines (METHOD 1.3)."""
RATIO = Interval(2.0, 1.8, 2.0**2 / 1.8)


def verdicts(truth: float, blocks: int, *, at_least: float | None = None) -> dict[str, float]:
    """Return the share of the runs that end in each decision."""
    pairs = paired_blocks(np.random.default_rng(blocks), blocks, noise=COV, ratio=truth)
    shares = dict.fromkeys(("reproduced", "not reproduced", "inconclusive"), 0.0)
    for reference, variant in zip(*(each.tolist() for each in pairs), strict=True):
        found = paired_log_interval(reference, variant, confidence=CONFIDENCE)
        verdict = (
            judge_equal(SEED_RATIO, low=found.low, high=found.high)
            if at_least is None
            else judge_at_least(at_least, low=found.low, high=found.high)
        )
        shares[verdict.decision] += 1 / RUNS
    return shares


@pytest.mark.parametrize(
    ("cov", "full_width", "confidence", "blocks"),
    [(0.07, 0.05, 0.95, 31), (0.07, 0.10, 0.95, 8), (0.0, 0.05, 0.95, 1), (0.07, 0.05, 0.90, 22)],
)
def test_blocks_needed_follow_the_formula(
    cov: float, full_width: float, confidence: float, blocks: int
) -> None:
    assert blocks_needed(cov, full_width, confidence=confidence) == blocks


def test_that_many_blocks_make_an_interval_about_as_wide_as_asked_for() -> None:
    pairs = paired_blocks(np.random.default_rng(1), blocks_needed(COV, 0.05), noise=COV)

    intervals = [*map(paired_log_interval, *(each.tolist() for each in pairs))]

    widths = [(entry.high - entry.low) / entry.centre for entry in intervals]
    assert np.mean(widths) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize(("cov", "full_width"), [(-0.1, 0.05), (0.1, 0.0)])
def test_no_number_of_blocks_makes_an_interval_without_width(cov: float, full_width: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        blocks_needed(cov, full_width)


@pytest.mark.parametrize(
    ("truth", "at_least", "decision", "share"),
    [
        (SEED_RATIO, None, "reproduced", 0.95),
        (SEED_RATIO * 1.3, None, "reproduced", 0.95),
        (SEED_RATIO / 1.3, None, "not reproduced", 0.95),
        (1.0, None, "not reproduced", 0.95),
        (5.25, 5.0, "reproduced", 0.90),
        (4.75, 5.0, "not reproduced", 0.90),
        (1.4, 5.0, "not reproduced", 0.90),
    ],
)
def test_runs_of_30_blocks_are_nearly_always_judged_rightly(
    truth: float, at_least: float | None, decision: str, share: float
) -> None:
    assert verdicts(truth, 30, at_least=at_least)[decision] >= share


@pytest.mark.parametrize(("truth", "at_least"), [(SEED_RATIO / (1 + MARGIN), None), (5.0, 5.0)])
def test_on_the_edge_either_decision_is_wrong_and_rare(
    truth: float, at_least: float | None
) -> None:
    found = verdicts(truth, 30, at_least=at_least)

    assert found["reproduced"] <= 0.07
    assert found["not reproduced"] <= 0.07


def test_more_blocks_decide_more_often() -> None:
    few, some, many = (verdicts(SEED_RATIO, blocks)["reproduced"] for blocks in (4, 8, 16))

    assert few < some < many
    assert some > 0.8


def test_four_times_the_distance_takes_a_sixteenth_of_the_blocks() -> None:
    near = blocks_to_decide(RATIO, 2.0 * 1.05, blocks=30, unit="x") or 0
    far = blocks_to_decide(RATIO, 2.0 * 1.05**4, blocks=30, unit="x") or 1

    assert near / far == pytest.approx(16, rel=0.15)


@pytest.mark.parametrize(
    ("interval", "edge", "blocks", "unit", "needed"),
    [
        # At the end of the interval the blocks that were measured just decide.
        (RATIO, RATIO.low, 30, "x", 30),
        (Interval(50.0, 40.0, 60.0), 40.0, 30, "ms", 30),
        # A time of few wild blocks may have an interval that reaches below zero.
        (Interval(13.6, -22.5, 49.7), 49.1, 2, "ms", 3),
        # What is on the edge cannot be decided.
        (Interval(2.0, 1.8, 2.2), 2.0, 30, "x", None),
    ],
)
def test_the_blocks_that_would_decide_follow_from_the_interval(
    interval: Interval, edge: float, blocks: int, unit: str, needed: int | None
) -> None:
    found = blocks_to_decide(interval, edge, blocks=blocks, unit=unit)

    assert found == (needed and pytest.approx(needed, abs=needed > 3))

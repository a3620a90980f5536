from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.analysis.claims.verdict import judge_at_least
from benchmarks.analysis.stats.ratio import Interval, paired_log_interval
from benchmarks.analysis.stats.stopping import StoppingRule
from tests.unit.benchmarks.analysis.simulated import TRUE_RATIO, coverage, paired_blocks

MOST = 30
RULE = StoppingRule()

Enough = Callable[[list[list[float]]], bool]


def measured_until(enough: Enough, reference: list[float], variant: list[float]) -> int:
    """Return after how many observations a run ends that asks after every second one."""
    for count in range(2, MOST, 2):
        if enough([reference[:count], variant[:count]]):
            return count
    return MOST


def stopped_intervals(enough: Enough, *, noise: float, truth: float) -> list[Interval]:
    reference, variant = paired_blocks(np.random.default_rng(8), MOST, noise=noise, ratio=truth)
    intervals = []
    for above, below in zip(reference.tolist(), variant.tolist(), strict=True):
        count = measured_until(enough, above, below)
        intervals.append(paired_log_interval(above[:count], below[:count]))
    return intervals


@pytest.mark.parametrize("noise", [0.02, 0.03, 0.04, 0.06])
def test_the_95_percent_interval_still_covers_the_truth_when_the_rule_stops_the_run(
    noise: float,
) -> None:
    intervals = stopped_intervals(RULE.enough, noise=noise, truth=TRUE_RATIO)

    assert 0.93 <= coverage(intervals, TRUE_RATIO) <= 0.97


def test_stopping_once_the_verdict_is_clear_would_ruin_the_interval() -> None:
    # Why only the width decides: near the claim, sooner or later a look finds it excluded.
    truth = 5.005

    def verdict_is_clear(observations: list[list[float]]) -> bool:
        reference, variant = observations
        if len(reference) < RULE.least:
            return False
        found = paired_log_interval(reference, variant)
        return judge_at_least(5.0, low=found.low, high=found.high).decision != "inconclusive"

    intervals = stopped_intervals(verdict_is_clear, noise=0.07, truth=truth)

    assert coverage(intervals, truth) < 0.90


def test_quiet_runs_stop_early_and_noisy_ones_do_not() -> None:
    quiet, noisy = (
        paired_blocks(np.random.default_rng(1), MOST, noise=noise) for noise in (0.005, 0.2)
    )

    counts = [
        measured_until(RULE.enough, reference[0].tolist(), variant[0].tolist())
        for reference, variant in (quiet, noisy)
    ]

    assert counts == [10, MOST]


def test_all_variants_have_to_be_known() -> None:
    steady, shaky = [2.0] * 10, [1.0, 1.5] * 5

    assert RULE.enough([[8.0] * 10, steady, steady])
    assert not RULE.enough([[8.0] * 10, steady, shaky])


def test_the_further_observations_do_not_decide() -> None:
    assert RULE.enough([[8.0] * 10, [2.0] * 8 + [1.0, 4.0]])


@pytest.mark.parametrize("count", [0, 2, 8, 9, 11])
def test_it_is_looked_at_from_the_least_on_and_after_every_second_observation(count: int) -> None:
    assert not RULE.enough([[8.0] * count, [2.0] * count])


def test_a_reference_alone_is_never_enough() -> None:
    assert not RULE.enough([[8.0] * 10])


def test_variants_need_as_many_observations() -> None:
    with pytest.raises(ValueError, match="as many"):
        RULE.enough([[8.0] * 10, [2.0] * 9])


@pytest.mark.parametrize(
    "changes", [{"least": 1}, {"further": 1}, {"further": -2}, {"half_width": 0.0}]
)
def test_a_rule_that_cannot_be_kept_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not a rule"):
        StoppingRule(**changes)  # type: ignore[arg-type]

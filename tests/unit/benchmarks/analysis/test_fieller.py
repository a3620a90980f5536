import math

import numpy as np
import pytest

from benchmarks.analysis.fieller import fieller_interval
from tests.unit.benchmarks.analysis.simulated import RUNS, TRUE_RATIO, coverage


@pytest.mark.parametrize(
    ("above", "below", "above_cov", "below_cov"),
    [(5, 5, 0.07, 0.07), (12, 12, 0.02, 0.1), (30, 30, 0.07, 0.07), (20, 5, 0.05, 0.1)],
)
def test_the_95_percent_interval_covers_the_truth_in_93_to_97_of_100_runs(
    above: int, below: int, above_cov: float, below_cov: float
) -> None:
    rng = np.random.default_rng(above)
    numerators = rng.normal(TRUE_RATIO, TRUE_RATIO * above_cov, (RUNS, above))
    denominators = rng.normal(1, below_cov, (RUNS, below))

    intervals = map(fieller_interval, numerators.tolist(), denominators.tolist())

    assert 0.93 <= coverage(intervals, TRUE_RATIO) <= 0.97


def test_the_interval_follows_the_formula() -> None:
    # Y' = 10 and Y = 2 off by the same share, so 4 degrees of freedom: t(0.975, 4) = 2.776445.
    interval = fieller_interval([9, 10, 11], [1.8, 2, 2.2])
    h2_above, h2 = 2.776445**2 * 1 / 3, 2.776445**2 * 0.04 / 3
    root = math.sqrt(20**2 - (4 - h2) * (100 - h2_above))

    assert interval is not None
    assert interval.centre == pytest.approx(5)
    assert (interval.low, interval.high) == pytest.approx(
        ((20 - root) / (4 - h2), (20 + root) / (4 - h2)), rel=1e-5
    )


def test_no_doubt_makes_no_width() -> None:
    interval = fieller_interval([4, 4, 4], [2, 2])

    assert interval is not None
    assert (interval.low, interval.centre, interval.high) == (2, 2, 2)


@pytest.mark.parametrize("denominator", [[-1.0, 1.2, 0.3], [1.0, -1.0], [0.0, 0.0]])
def test_a_denominator_that_may_be_zero_leaves_the_ratio_unbounded(
    denominator: list[float],
) -> None:
    assert fieller_interval([4.0, 5.0, 6.0], denominator) is None


@pytest.mark.parametrize(("above", "below"), [([1.0], [1.0, 2.0]), ([1.0, 2.0], [])])
def test_one_value_has_no_interval(above: list[float], below: list[float]) -> None:
    with pytest.raises(ValueError, match="observations"):
        fieller_interval(above, below)

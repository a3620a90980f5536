import math
import random

import pytest
from scipy import stats

from benchmarks.doctor.noise import PAIRS, noise_of

DRAWS = 400


def pairs(rng: random.Random, spread: float, count: int = PAIRS) -> tuple[list[float], list[float]]:
    """Draw equal work; the logarithm of a pair's ratio has the standard deviation ``spread``."""
    each = spread / math.sqrt(2)
    first, second = ([0.02 * rng.lognormvariate(0, each) for _ in range(count)] for _ in range(2))
    return first, second


def test_the_spread_of_a_pair_is_found_in_nineteen_of_twenty_intervals() -> None:
    rng = random.Random(1)
    found = [noise_of(*pairs(rng, 0.05)).spread for _ in range(DRAWS)]

    assert 0.917 <= sum(each.low <= 0.05 <= each.high for each in found) / DRAWS <= 0.983


def test_equal_work_is_called_equal_in_nineteen_of_twenty_looks() -> None:
    rng = random.Random(2)
    found = [noise_of(*pairs(rng, 0.05)).ratio for _ in range(DRAWS)]

    assert 0.917 <= sum(each.low <= 1.0 <= each.high for each in found) / DRAWS <= 0.983


def test_the_detectable_difference_is_detected_in_eight_of_ten_comparisons() -> None:
    rng = random.Random(3)
    first, second = pairs(rng, 0.05, count=5_000)
    detectable = noise_of(first, second).detectable.centre

    def finds() -> bool:
        before, after = pairs(rng, 0.05)
        changed = [math.log(b * (1 + detectable) / a) for a, b in zip(before, after, strict=True)]
        return bool(stats.ttest_1samp(changed, 0.0).pvalue < 0.05)

    assert 0.74 <= sum(finds() for _ in range(DRAWS)) / DRAWS <= 0.86


def test_twice_the_noise_hides_about_twice_as_much() -> None:
    calm = noise_of(*pairs(random.Random(4), 0.02)).detectable
    rough = noise_of(*pairs(random.Random(4), 0.04)).detectable

    assert rough.centre == pytest.approx(2 * calm.centre, rel=0.05)
    assert calm.low < calm.centre < calm.high


def test_a_single_pair_says_nothing() -> None:
    with pytest.raises(ValueError, match="2 observations"):
        noise_of([1.0], [1.0])

"""By how much intervals are widened, and what that does to how often they hold the truth."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from scipy import signal, special

from benchmarks.analysis.quantities.groups import groups_of
from benchmarks.analysis.quantities.noise import (
    against_itself,
    halves,
    normal_score,
    widening,
    widening_by_halves,
)
from benchmarks.analysis.stats.intervals import Interval, mean_interval, t_quantile
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import slower, twice
from tests.unit.benchmarks.analysis.stats.test_coverage import Array
from tests.unit.benchmarks.simulate import header, run_samples

RUNS, PAIRS, CONFIDENCE = 5_000, 26, 0.90


def test_one_observation_shows_no_noise_and_nothing_is_widened_by_it() -> None:
    seen = against_itself(twice(pairs=1, noise=0.02))

    assert (seen, widening(seen)) == ((), 1.0)


def test_the_factor_follows_the_formula() -> None:
    seen = against_itself(twice(pairs=20, noise=0.02))
    scores = [each.score for each in seen]

    assert widening(seen) == pytest.approx(max(1.0, math.sqrt(sum(z * z for z in scores) / 2)))


@pytest.mark.parametrize("freedom", [1, 4, 25])
def test_a_score_is_as_improbable_as_the_ratio_is(freedom: int) -> None:
    error = 0.05
    half = error * t_quantile(freedom, CONFIDENCE)
    for t in (0.0, 0.7, 3.0):
        ratio = Interval(*(math.exp(t * error + side) for side in (0, -half, half)))

        score = normal_score(ratio, freedom=freedom)

        assert special.ndtr(-score) == pytest.approx(special.stdtr(freedom, -t))


def test_what_does_not_vary_at_all_has_a_score_too() -> None:
    assert normal_score(Interval(1.0, 1.0, 1.0), freedom=5) == 0
    assert normal_score(Interval(1.1, 1.1, 1.1), freedom=5) == 10


def run(*, difference: float) -> list[Sample]:
    return [*run_samples(observations=20), *twice(pairs=20, noise=0.02, difference=difference)]


def widenings(samples: Sequence[Sample]) -> dict[str, float]:
    group = next(each for each in groups_of(header(), samples) if not each.is_noise)
    return dict(group.widenings)


def test_a_service_that_differs_from_itself_widens_the_intervals_of_the_run() -> None:
    steady, biased = widenings(run(difference=0.0)), widenings(run(difference=0.1))

    assert max(steady.values()) < 2
    assert biased["uncached"] == biased["cached"] > 5


def test_a_case_is_widened_until_it_holds_what_its_halves_say() -> None:
    def late(sample: Sample) -> bool:
        return sample.variant == "cached" and sample.observation >= 10

    samples = slower(run_samples(observations=20, noise=0.01), late, 1.5)
    factor = widening_by_halves(samples, "uncached", "cached")
    change = halves(samples, "uncached", "cached")
    [group] = groups_of(header(), samples)
    interval = group.ratio("uncached", "cached")

    assert change is not None
    assert interval is not None
    assert group.widenings["cached"] == factor > 1.5
    # From half of the change below to half of it above.
    assert math.log(interval.high / interval.low) == pytest.approx(abs(change.centre))


def test_halves_of_a_machine_that_became_slower_for_everybody_are_alike() -> None:
    samples = slower(run_samples(observations=20), lambda each: each.observation >= 10, 1.5)

    assert widening_by_halves(samples, "uncached", "cached") < 1.2
    assert halves(run_samples(observations=3), "uncached", "cached") is None


@cache
def simulated(correlation: float, pairs: int) -> tuple[Array, Array]:
    """Return log-ratios of a claim, and of two variants against themselves, of which 0 is true.

    Neighbors are correlated, as on a machine that is busy for a while.
    """
    noise = np.random.default_rng(7).normal(size=(RUNS, 3, PAIRS + 100))
    logs: Array = signal.lfilter([1], [1, -correlation], noise, axis=2)[..., 100:] / 20
    return logs[:, 0, :pairs], logs[:, 1:]


def covered(correlation: float, pairs: int) -> tuple[float, float]:
    """Return how often the interval holds the truth as it is, and widened by the rule."""
    claims, against = simulated(correlation, pairs)
    narrow = wide = 0
    for claim, both in zip(claims, against, strict=True):
        interval = mean_interval(claim)
        scores = [
            normal_score(
                Interval(*(math.exp(x) for x in (each.centre, each.low, each.high))),
                freedom=PAIRS - 1,
            )
            for each in (mean_interval(one) for one in both)
        ]
        factor = max(1.0, math.sqrt(sum(score**2 for score in scores) / 2))
        narrow += interval.low <= 0 <= interval.high
        widened = interval.widened(factor, unit="log")
        wide += widened.low <= 0 <= widened.high
    return narrow / RUNS, wide / RUNS


@pytest.mark.rest
@pytest.mark.parametrize(
    ("correlation", "pairs", "of_narrow", "of_wide"),
    [
        (0.0, 8, (0.88, 0.92), (0.90, 0.94)),
        (0.0, PAIRS, (0.88, 0.92), (0.90, 0.94)),
        # Where neighbors are alike the widened interval holds what the plain one does not.
        (0.2, PAIRS, (0.0, 0.85), (0.86, 1.0)),
        (0.4, PAIRS, (0.0, 0.75), (0.82, 1.0)),
    ],
)
def test_widened_intervals_hold_the_truth_in_so_many_runs(
    correlation: float, pairs: int, of_narrow: tuple[float, float], of_wide: tuple[float, float]
) -> None:
    narrow, wide = covered(correlation, pairs)

    assert of_narrow[0] <= narrow <= of_narrow[1]
    assert of_wide[0] <= wide <= of_wide[1]

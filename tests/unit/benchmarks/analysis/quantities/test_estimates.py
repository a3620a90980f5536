"""Each quantity by its one function: put in as a known truth, and taken out again."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.claims.claim import CLAIMS, parse_claim
from benchmarks.analysis.quantities.estimates import (
    estimate,
    too_little,
)
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import group_of, run_samples, scenario

BOTH = ("uncached", "cached")
TIMES: Any = {"bypass": 40.0, "miss": 44.0, "hit": 2.0}
WARM = {"scenarios": [scenario("hits", primed="session")]}


def measured(name: str, samples: list[Sample] | None = None, **changes: Any) -> Interval | None:
    made = run_samples(times_ms=TIMES, noise=0) if samples is None else samples
    claim = CLAIMS.get(name) or parse_claim(f"cached/uncached {name} >= 2", name="U1")
    return estimate(claim, group_of(made, **changes), *BOTH)


@pytest.mark.parametrize(
    ("name", "centre"),
    [("C1", 200 / 52), ("C3", 2.0), ("C4a", 200.0), ("C4b", 52.0), ("C5", 1.1), ("C6", 5.0)],
)
def test_each_claim_has_its_own_figure(name: str, centre: float) -> None:
    found = measured(name)

    assert found is not None
    assert found.centre == pytest.approx(centre)


# Four reads in five hit; the fifth is the tail.
@pytest.mark.parametrize(("statistic", "centre"), [("p50", 20), ("p95", 40 / 44)])
def test_a_percentile_is_a_ratio_of_single_requests(statistic: str, centre: float) -> None:
    samples = run_samples(times_ms=TIMES, noise=0, observations=20, sessions=4)

    found = measured(statistic, samples)

    assert found is not None
    assert found.centre == pytest.approx(centre)


@pytest.mark.parametrize(
    ("name", "samples", "changes"),
    [
        ("C1", run_samples(observations=1), {}),
        ("p99", run_samples(observations=2), {}),
        # A session that starts warm has no miss to measure.
        ("C5", run_samples(scenario="hits", warm=True), WARM),
        # A cache that never asks the database has no ratio of queries.
        (
            "C6",
            [replace(s, db_ms=0.0) if s.variant == "cached" else s for s in run_samples()],
            {},
        ),
    ],
)
def test_what_says_too_little_is_no_estimate(
    name: str, samples: list[Sample], changes: dict[str, Any]
) -> None:
    assert measured(name, samples, **changes) is None


@pytest.mark.parametrize(
    ("statistic", "observations", "said"),
    [
        ("p99", 20, "a p99 takes 368 requests, 200 were measured"),
        ("total", 1, "too few observations"),
    ],
)
def test_what_an_estimate_lacks_is_said_in_its_own_words(
    statistic: str, observations: int, said: str
) -> None:
    claim = parse_claim(f"cached/uncached {statistic} >= 2", name="U1")

    assert too_little(claim, group_of(run_samples(observations=observations)), *BOTH) == said


def test_the_full_profile_can_decide_a_p99_of_the_session() -> None:
    # Five starts of the services, twelve observations of six sessions of five reads each.
    samples = [
        sample
        for restart in range(5)
        for sample in run_samples(observations=12, sessions=6, restart=restart, seed=restart)
    ]

    assert measured("p99", samples) is not None


def test_one_session_that_asks_more_widens_the_interval_of_the_queries() -> None:
    samples = run_samples(noise=0)
    late = next(i for i, each in enumerate(samples) if each.outcome == "hit")
    samples[late] = replace(samples[late], db_ms=50.0)

    found = measured("C6", samples)

    assert found is not None
    # One session of sixteen asked twice, so its block asked 1.5 times on average.
    assert 4 < found.low < found.centre < 5 < found.high < 5.5


def test_several_restarts_are_the_observations_of_the_interval() -> None:
    one = run_samples(times_ms=TIMES, noise=0.001)
    other = run_samples(times_ms=TIMES | {"hit": 4.0}, noise=0.001, restart=1)

    alone, both = measured("C1", one), measured("C1", [*one, *other])

    assert alone is not None
    assert both is not None
    # Two restarts that differ: Student's t with one degree of freedom.
    assert both.high / both.low > 1.5
    assert alone.high / alone.low < 1.05


@pytest.mark.parametrize("name", ["C1", "C3", "C4a", "C4b", "C5", "p50"])
def test_every_interval_of_times_is_as_wide_as_the_noise_makes_it(name: str) -> None:
    quiet = group_of(run_samples(observations=20, sessions=4, times_ms=TIMES))
    noisy = replace(quiet, widenings=dict.fromkeys(BOTH, 2.0))
    claim = CLAIMS.get(name) or parse_claim(f"cached/uncached {name} >= 2", name="U1")

    narrow, wide = (estimate(claim, each, *BOTH) for each in (quiet, noisy))

    assert narrow is not None
    assert wide == narrow.widened(2.0, unit=claim.unit)


def test_a_count_has_no_noise() -> None:
    group = group_of(run_samples())

    noisy = replace(group, widenings=dict.fromkeys(BOTH, 5.0))

    found = estimate(CLAIMS["C6"], noisy, *BOTH)
    assert found is not None
    assert (found.low, found.centre, found.high) == pytest.approx((5, 5, 5))

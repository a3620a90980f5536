from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.claims.claim import CLAIMS, parse_claim
from benchmarks.analysis.quantities.evidence import evidence, queries_per_session
from benchmarks.analysis.quantities.plan import Plan
from benchmarks.analysis.stats.ratio import Interval
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import header, run_samples, scenario

TIMES: Any = {"bypass": 40.0, "miss": 44.0, "hit": 2.0}


def measured(name: str, samples: list[Sample] | None = None, **changes: Any) -> Interval | None:
    made = run_samples(times_ms=TIMES, noise=0) if samples is None else samples
    [group] = Plan(header(**changes)).groups(made)
    claim = CLAIMS.get(name) or parse_claim(f"cached/uncached {name} >= 2", name="U1")
    return evidence(claim, group, "uncached", "cached")


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
        (
            "C5",
            run_samples(scenario="hits", warm=True),
            {"scenarios": [scenario("hits", primed="session")]},
        ),
        # A cache that never asks the database has no ratio of queries.
        (
            "C6",
            [replace(s, db_ms=0.0) if s.variant == "cached" else s for s in run_samples()],
            {},
        ),
    ],
)
def test_what_says_too_little_is_no_evidence(
    name: str, samples: list[Sample], changes: dict[str, Any]
) -> None:
    assert measured(name, samples, **changes) is None


def test_one_session_that_asks_more_widens_the_interval_of_the_queries() -> None:
    samples = run_samples(noise=0)
    late = next(i for i, each in enumerate(samples) if each.outcome == "hit")
    samples[late] = replace(samples[late], db_ms=50.0)

    found = measured("C6", samples)

    assert found is not None
    assert (found.low, found.high) == (2.5, 5.0)
    assert found.centre < 5


def test_queries_are_reads_that_reached_the_database() -> None:
    samples = run_samples(observations=1, sessions=2)

    assert queries_per_session(samples, "uncached") == [5, 5]
    assert queries_per_session(samples, "cached") == [1, 1]


def test_several_restarts_are_the_observations_of_the_interval() -> None:
    one = run_samples(times_ms=TIMES, noise=0.001)
    other = run_samples(times_ms=TIMES | {"hit": 4.0}, noise=0.001, restart=1)

    alone, both = measured("C1", one), measured("C1", [*one, *other])

    assert alone is not None
    assert both is not None
    # Two restarts that differ: Student's t with one degree of freedom.
    assert both.high / both.low > 1.5
    assert alone.high / alone.low < 1.05

"""What a cache costs on a miss and on a write."""

from dataclasses import replace

import pytest

from benchmarks.analysis.quantities.overhead import Price, prices
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import run_samples

VARIANTS = ("uncached", "cached")


def paid(samples: list[Sample], *, cold: bool = True) -> Price:
    [price] = prices(samples, variants=VARIANTS, cold=cold)
    return price


def run(*, miss_ms: float, noise: float = 0.0, observations: int = 8) -> list[Sample]:
    return run_samples(
        times_ms={"bypass": 40.0, "miss": miss_ms, "hit": 1.0},
        noise=noise,
        observations=observations,
    )


@pytest.mark.parametrize(
    ("miss_ms", "decision"),
    [(44.0, "held"), (50.0, "held"), (50.1, "not held"), (80.0, "not held")],
)
def test_a_miss_is_compared_with_the_reads_that_stand_where_it_stands(
    miss_ms: float, decision: str
) -> None:
    price = paid(run(miss_ms=miss_ms))

    assert price.ratio.centre == pytest.approx(miss_ms / 40.0)
    assert (price.variant, price.what, price.decision) == ("cached", "miss", decision)


def test_an_interval_across_the_bound_decides_nothing() -> None:
    price = paid(run(miss_ms=50.0, noise=0.1))

    assert price.ratio.low < 1.25 < price.ratio.high
    assert price.decision == "undecided"


def test_every_write_counts() -> None:
    slow = {"uncached": 0.010, "cached": 0.014}
    writes = [
        replace(sample, outcome="write", duration_s=slow[sample.variant])
        for sample in run(miss_ms=40.0)
    ]
    price = paid(writes, cold=False)

    assert price.ratio.centre == pytest.approx(1.4)
    assert (price.what, price.decision) == ("write", "held")


def test_warm_reads_have_no_price() -> None:
    assert prices(run(miss_ms=40.0), variants=VARIANTS, cold=False) == ()


def test_one_observation_decides_nothing() -> None:
    assert prices(run(miss_ms=40.0, observations=1), variants=VARIANTS, cold=True) == ()

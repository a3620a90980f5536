"""What a cache costs on a miss and on a write."""

from dataclasses import replace

import pytest

from benchmarks.analysis.quantities.overhead import overheads
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import run_samples

VARIANTS = ("uncached", "cached")


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
def test_a_miss_is_compared_with_the_reads_at_the_same_place(miss_ms: float, decision: str) -> None:
    [overhead] = overheads(run(miss_ms=miss_ms), variants=VARIANTS, cold=True)

    assert overhead.ratio.centre == pytest.approx(miss_ms / 40.0)
    assert (overhead.variant, overhead.what, overhead.decision) == ("cached", "miss", decision)


def test_an_interval_across_the_bound_decides_nothing() -> None:
    [overhead] = overheads(run(miss_ms=50.0, noise=0.1), variants=VARIANTS, cold=True)

    assert overhead.ratio.low < 1.25 < overhead.ratio.high
    assert overhead.decision == "undecided"


def test_every_write_counts() -> None:
    slow = {"uncached": 0.010, "cached": 0.014}
    writes = [
        replace(sample, outcome="write", duration_s=slow[sample.variant])
        for sample in run(miss_ms=40.0)
    ]

    [overhead] = overheads(writes, variants=VARIANTS, cold=False)

    assert overhead.ratio.centre == pytest.approx(1.4)
    assert (overhead.what, overhead.decision) == ("write", "held")


def test_warm_reads_have_no_overhead_and_one_observation_shows_none() -> None:
    assert overheads(run(miss_ms=40.0), variants=VARIANTS, cold=False) == ()
    assert overheads(run(miss_ms=40.0, observations=1), variants=VARIANTS, cold=True) == ()

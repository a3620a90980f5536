from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.quantities.hitpath import HitPath, hit_paths
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import run_samples

VARIANTS = ("uncached", "cached", "static")
TIMES: Any = {"bypass": 40.0, "miss": 45.0, "hit": 4.0, "unknown": 3.0}


def paths(samples: list[Sample], *, cold: bool = True) -> dict[str, HitPath]:
    found = hit_paths(samples, variants=VARIANTS, ceiling="static", cold=cold)
    return {path.variant: path for path in found}


@pytest.mark.parametrize("warm", [False, True])
def test_the_miss_of_a_cold_session_is_left_out_and_the_ceiling_is_compared_with_too(
    *, warm: bool
) -> None:
    samples = run_samples(variants=VARIANTS, times_ms=TIMES, noise=0, warm=warm)

    found = paths(samples, cold=not warm)

    cached = found["cached"]
    assert cached.p50_ms == pytest.approx(4.0)
    assert cached.speedup is not None
    assert cached.speedup.centre == pytest.approx(10.0)
    assert cached.of_ceiling is not None
    assert cached.of_ceiling.centre == pytest.approx(0.75)
    assert found["static"].of_ceiling is found["uncached"].speedup is None
    assert found["uncached"].of_ceiling is not None


def test_noise_gives_an_interval_that_holds_the_truth() -> None:
    noisy = run_samples(variants=VARIANTS, times_ms=TIMES, noise=0.05, observations=20)

    speedup = paths(noisy)["cached"].speedup

    assert speedup is not None
    assert speedup.low < 10 < speedup.high
    assert speedup.high / speedup.low < 1.2


def test_one_observation_has_no_interval() -> None:
    assert paths(run_samples(variants=VARIANTS, observations=1))["cached"].speedup is None


def test_writes_have_no_hit_path() -> None:
    writes = [replace(sample, outcome="write") for sample in run_samples(observations=2)]

    assert hit_paths(writes, variants=("uncached", "cached"), ceiling=None, cold=False) == ()

from dataclasses import replace

import pytest

from benchmarks.analysis.quantities.hitpath import HitPath, hit_paths
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import run_samples

VARIANTS = ("uncached", "cached", "static")
TIMES = {"bypass": 40.0, "miss": 45.0, "hit": 4.0, "unknown": 3.0}


def paths(samples: list[Sample], *, cold: bool = True) -> dict[str, HitPath]:
    found = hit_paths(samples, variants=VARIANTS, ceiling="static", cold=cold)
    return {path.variant: path for path in found}


def samples(*, warm: bool = False) -> list[Sample]:
    return run_samples(variants=VARIANTS, times_ms=TIMES, noise=0, warm=warm)  # type: ignore[arg-type]


@pytest.mark.parametrize("warm", [False, True])
def test_the_miss_of_a_cold_session_is_left_out(*, warm: bool) -> None:
    found = paths(samples(warm=warm), cold=not warm)

    assert found["cached"].p50_ms == pytest.approx(4.0)
    assert found["cached"].speedup is not None
    assert found["cached"].speedup.centre == pytest.approx(10.0)


def test_every_variant_is_also_a_share_of_the_ceiling() -> None:
    found = paths(samples())

    shares = {name: path.of_ceiling for name, path in found.items()}
    assert shares["static"] is None
    assert shares["cached"] is not None
    assert shares["cached"].centre == pytest.approx(0.75)
    assert shares["uncached"] is not None
    assert found["uncached"].speedup is None


def test_noise_gives_an_interval_that_holds_the_truth() -> None:
    noisy = run_samples(variants=VARIANTS, times_ms=TIMES, noise=0.05, observations=20)  # type: ignore[arg-type]

    speedup = paths(noisy)["cached"].speedup

    assert speedup is not None
    assert speedup.low < 10 < speedup.high
    assert speedup.high / speedup.low < 1.2


def test_one_observation_has_no_interval() -> None:
    found = paths(run_samples(variants=VARIANTS, observations=1))

    assert found["cached"].speedup is None


def test_writes_have_no_hit_path() -> None:
    writes = [replace(sample, outcome="write") for sample in run_samples(observations=2)]

    assert hit_paths(writes, variants=("uncached", "cached"), ceiling=None, cold=False) == ()

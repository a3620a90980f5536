import pytest

from benchmarks.analysis.quantities.summary import RegimeSummary, summarise
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import group_of, run_samples, sample

BOTH = ("uncached", "cached")


def summary_of(samples: list[Sample]) -> RegimeSummary:
    return summarise(group_of(samples))


def test_totals_their_ratio_medians_hits_and_database_time_come_out_as_put_in() -> None:
    summary = summary_of(run_samples(noise=0, db_ms=55.3))

    [ratio] = summary.ratios
    totals = {each.variant: each.total_ms and each.total_ms.centre for each in summary.variants}
    assert totals == pytest.approx({"uncached": 250, "cached": 55})
    assert ratio.ratio == pytest.approx(250 / 55)
    assert ratio.shown is not None
    assert ratio.shown.centre == pytest.approx(250 / 55)
    # Medians are kept apart by outcome.
    p50 = {(v.variant, x.outcome): x.p50_ms for v in summary.variants for x in v.latencies}
    assert p50 == pytest.approx(
        {("uncached", "bypass"): 50, ("cached", "miss"): 51, ("cached", "hit"): 1}
    )
    assert [entry.hit_ratio for entry in summary.variants] == [0.0, 0.8]
    assert [entry.sessions for entry in summary.variants] == [16, 16]
    assert summary.database_ms == 55.3


def test_with_noise_the_truth_lies_in_the_interval() -> None:
    [ratio] = summary_of(run_samples(observations=40, noise=0.1)).ratios

    assert ratio.shown is not None
    assert ratio.shown.low < 250 / 55 < ratio.shown.high


def test_one_observation_gives_a_ratio_without_an_interval() -> None:
    [ratio] = summary_of(run_samples(observations=1)).ratios

    assert ratio.ratio > 4
    assert ratio.shown is None


def test_without_server_timing_there_is_no_database_time() -> None:
    samples = [
        sample(variant=variant, block=block, db_ms=None) for block, variant in enumerate(BOTH)
    ]

    assert summary_of(samples).database_ms is None

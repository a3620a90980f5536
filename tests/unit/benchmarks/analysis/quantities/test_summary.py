import pytest

from benchmarks.analysis.quantities.summary import complete_observations, summarise
from tests.unit.benchmarks.simulate import run_samples, sample

BOTH = ("uncached", "cached")


def test_session_totals_and_their_ratio_come_out_as_put_in() -> None:
    summary = summarise(run_samples(noise=0), variants=BOTH)

    [ratio] = summary.ratios
    totals = {entry.variant: entry.total_ms for entry in summary.variants}
    assert totals["uncached"] is not None
    assert totals["cached"] is not None
    assert totals["uncached"].centre == pytest.approx(250)
    assert totals["cached"].centre == pytest.approx(55)
    assert ratio.ratio == pytest.approx(250 / 55)
    assert ratio.shown is not None
    assert ratio.shown.centre == pytest.approx(250 / 55)


def test_with_noise_the_truth_lies_in_the_interval() -> None:
    [ratio] = summarise(run_samples(observations=40, noise=0.1), variants=BOTH).ratios

    assert ratio.shown is not None
    assert ratio.deciding is not None
    assert ratio.shown.low < 250 / 55 < ratio.shown.high
    assert ratio.shown.low < ratio.deciding.low < ratio.deciding.high < ratio.shown.high


def test_medians_are_kept_apart_by_outcome() -> None:
    summary = summarise(run_samples(noise=0), variants=BOTH)

    p50 = {(v.variant, x.outcome): x.p50_ms for v in summary.variants for x in v.latencies}
    assert p50 == pytest.approx(
        {("uncached", "bypass"): 50, ("cached", "miss"): 51, ("cached", "hit"): 1}
    )


def test_the_database_time_is_the_reference_s_measured_one() -> None:
    summary = summarise(run_samples(db_ms=55.3), variants=BOTH)

    assert summary.database_ms == 55.3


def test_four_hits_of_five_reads_are_a_hit_ratio_of_0_8() -> None:
    summary = summarise(run_samples(), variants=BOTH)

    assert [entry.hit_ratio for entry in summary.variants] == [0.0, 0.8]
    assert [entry.sessions for entry in summary.variants] == [16, 16]


def test_every_variant_is_compared_with_the_reference() -> None:
    samples = run_samples(variants=("uncached", "cached", "naive"))

    ratios = summarise(samples, variants=("uncached", "cached", "naive")).ratios

    assert [(ratio.variant, ratio.reference) for ratio in ratios] == [
        ("cached", "uncached"),
        ("naive", "uncached"),
    ]


def test_an_observation_that_lacks_a_block_counts_for_nothing() -> None:
    samples = run_samples(observations=3)
    last = max(entry.block for entry in samples)
    cut = [entry for entry in samples if entry.block != last]

    assert {entry.observation for entry in complete_observations(cut, BOTH)} == {0, 1}
    assert summarise(cut, variants=BOTH).ratios[0].observations == 2


def test_one_observation_gives_a_ratio_without_an_interval() -> None:
    [ratio] = summarise(run_samples(observations=1), variants=BOTH).ratios

    assert ratio.ratio > 4
    assert (ratio.shown, ratio.deciding) == (None, None)


def test_without_server_timing_there_is_no_database_time() -> None:
    samples = [
        sample(variant=variant, block=block, db_ms=None) for block, variant in enumerate(BOTH)
    ]

    assert summarise(samples, variants=BOTH).database_ms is None


def test_nothing_complete_is_an_error() -> None:
    with pytest.raises(ValueError, match="no observation is complete"):
        summarise([sample()], variants=BOTH)

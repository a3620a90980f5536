import pytest

from benchmarks.analysis.quantities.capacity import SweepPoint, by_connections, summarise_sweep
from benchmarks.storage.records import SweepStep
from tests.unit.benchmarks.capacity.steps import RATES, ladder_steps, step


def rungs(steps: list[SweepStep]) -> dict[tuple[str, int], SweepPoint]:
    found = summarise_sweep(by_connections(steps), variants=list(RATES), ceiling="static")
    return {(rung.variant, rung.connections): rung for rung in found}


def test_ratios_are_of_the_same_round_so_a_machine_that_drifts_does_not_blur_them() -> None:
    found = rungs(ladder_steps())["cached", 8]

    assert found.speedup is not None
    assert found.of_ceiling is not None
    assert found.speedup.low < 7 < found.speedup.high
    assert found.speedup.high / found.speedup.low < 1.1
    assert found.of_ceiling.centre == pytest.approx(7 / 9, rel=0.02)
    # The rates themselves do vary from round to round.
    assert max(found.rates) / min(found.rates) > 1.1


def test_the_reference_and_the_ceiling_are_not_compared_with_themselves() -> None:
    found = rungs(ladder_steps())

    assert found["uncached", 8].speedup is None
    assert found["static", 8].of_ceiling is None
    assert found["static", 8].speedup is not None


def test_rungs_come_by_variant_and_then_by_connections() -> None:
    places = list(rungs(ladder_steps(connections=(8, 1))))

    assert places == [(variant, each) for variant in RATES for each in (1, 8)]


def test_a_round_that_was_cut_short_pairs_only_what_it_has() -> None:
    steps = [each for each in ladder_steps() if (each.round, each.variant) != (3, "uncached")]

    found = rungs(steps)

    assert len(found["cached", 8].rates) == 4
    assert found["cached", 8].speedup is not None


def test_one_round_has_rates_and_no_interval() -> None:
    found = rungs(ladder_steps(rounds=1))["cached", 8]

    assert found.rate > 0
    assert (found.rate_interval, found.speedup) == (None, None)


def test_latencies_are_medians_of_the_rounds_and_hits_a_share_of_all_requests() -> None:
    steps = [
        step(round=number, p50_us=p50, p99_us=10 * p50, hits=hits)
        for number, (p50, hits) in enumerate([(1000, 1000), (1200, 1000), (9000, 700)])
    ]

    found = rungs(steps)["cached", 8]

    assert (found.p50_ms, found.p99_ms, found.hit_ratio) == (1.2, 12.0, 0.9)


def test_a_client_that_was_busy_in_one_round_marks_the_rung() -> None:
    idle, busy = step(), step(round=1, client_cores=0.86)

    assert not rungs([idle, step(round=1)])["cached", 8].client_limited
    assert rungs([idle, busy])["cached", 8].client_limited


def test_processor_time_that_cannot_be_read_is_left_out() -> None:
    assert rungs([step(service_cores=None)])["cached", 8].service_cores is None

import pytest

from benchmarks.analysis.quantities.capacity import SweepPoint, by_connections, summarise_sweep
from benchmarks.storage.records import SweepStep
from tests.unit.benchmarks.capacity.steps import RATES, step, sweep_steps


def points(steps: list[SweepStep]) -> dict[tuple[str, int], SweepPoint]:
    found = summarise_sweep(by_connections(steps), variants=list(RATES), ceiling="static")
    return {(point.variant, point.connections): point for point in found}


def test_ratios_are_of_the_same_round_so_a_machine_that_drifts_does_not_blur_them() -> None:
    found = points(sweep_steps())["cached", 8]

    assert found.speedup is not None
    assert found.of_ceiling is not None
    assert found.speedup.low < 7 < found.speedup.high
    assert found.speedup.high / found.speedup.low < 1.1
    assert found.of_ceiling.centre == pytest.approx(7 / 9, rel=0.02)
    # The rates themselves do vary from round to round.
    assert max(found.rates) / min(found.rates) > 1.1


def test_points_come_by_variant_and_connections_and_none_is_compared_with_itself() -> None:
    found = points(sweep_steps(connections=(8, 1)))

    assert list(found) == [(variant, each) for variant in RATES for each in (1, 8)]
    assert found["uncached", 8].speedup is found["static", 8].of_ceiling is None
    assert found["static", 8].speedup is not None


def test_a_round_that_was_cut_short_pairs_only_what_it_has_and_one_has_no_interval() -> None:
    steps = [each for each in sweep_steps() if (each.round, each.variant) != (3, "uncached")]

    cut, single = points(steps)["cached", 8], points(sweep_steps(rounds=1))["cached", 8]

    assert len(cut.rates) == 4
    assert cut.speedup is not None
    assert single.rate > 0
    assert (single.rate_interval, single.speedup) == (None, None)


def test_latencies_are_medians_of_the_rounds_and_hits_a_share_of_all_requests() -> None:
    steps = [
        step(round=number, p50_us=p50, p99_us=10 * p50, hits=hits)
        for number, (p50, hits) in enumerate([(1000, 1000), (1200, 1000), (9000, 700)])
    ]

    found = points(steps)["cached", 8]

    assert (found.p50_ms, found.p99_ms, found.hit_ratio) == (1.2, 12.0, 0.9)


def test_a_client_that_was_busy_in_one_round_marks_the_point() -> None:
    assert not points([step(), step(round=1)])["cached", 8].client_limited
    assert points([step(), step(round=1, client_cores=0.86)])["cached", 8].client_limited


def test_processor_time_that_cannot_be_read_is_left_out() -> None:
    assert points([step(service_cores=None)])["cached", 8].service_cores is None

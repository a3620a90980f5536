import itertools
from collections import Counter
from typing import Any

import pytest

from benchmarks.comparison.load_sweep import (
    estimate_capacity,
    order,
    rates_for,
    summarise,
    sweep_rates,
)
from benchmarks.measure.client import ClientError
from benchmarks.measure.open_loop import NEVER, OpenResult
from benchmarks.runner.services import VariantError
from benchmarks.stack.dataset import make_dataset
from tests.unit.benchmarks.fake_dependencies import Fakes

DATA = make_dataset(seed=1, users=2, todos_per_user=1, payload_bytes=5)


def test_every_round_has_every_step_once_and_variants_side_by_side() -> None:
    turns = order(["uncached", "cached"], rates=[10, 20, 30], rounds=2, seed=1)

    every = itertools.product(range(2), (10, 20, 30), ("uncached", "cached"))
    assert Counter(turns) == Counter(every)
    assert all(
        first[:2] == second[:2] for first, second in zip(turns[::2], turns[1::2], strict=True)
    )
    # Over two rounds no variant comes first twice at a rate.
    firsts = Counter(turn[1:] for turn in turns[::2])
    assert set(firsts.values()) == {1}
    same, other = (
        order(["uncached", "cached"], rates=[10, 20, 30], rounds=2, seed=seed) for seed in (1, 2)
    )
    assert turns == same != other


@pytest.mark.parametrize(
    ("capacities", "rates"),
    [
        ((712.0, 4980.0), (71, 180, 360, 530, 640, 780, 1200, 2500, 3700, 4500, 5500)),
        # Where the best is hardly better its rates are the same.
        ((100.0, 100.0), (10, 25, 50, 75, 90, 110)),
        ((100.0, 130.0), (10, 25, 50, 75, 90, 110, 140)),
        # What brings too few arrivals in a step is left out.
        ((4.0, 100.0), (25, 50, 75, 90, 110)),
    ],
)
def test_the_rates_surround_both_capacities(
    capacities: tuple[float, float], rates: tuple[float, ...]
) -> None:
    assert rates_for(*capacities, seconds=1.0) == rates


def test_a_capacity_is_what_a_closed_loop_gets(fakes: Fakes) -> None:
    fakes.faults.slow_s = 0.05
    with fakes.variants("cached", data=DATA) as [variant]:
        capacity = estimate_capacity(variant, seconds=0.4)

    # Eight at a time, so never more than 160/s.
    assert 0 < capacity <= 180


def test_a_service_that_answers_nothing_has_no_capacity(fakes: Fakes) -> None:
    fakes.faults.slow_s = 0.1
    with (
        fakes.variants("cached", data=DATA) as [variant],
        pytest.raises(VariantError, match="cached answered"),
    ):
        estimate_capacity(variant, seconds=0.02)


def test_every_variant_gets_the_same_arrivals_and_a_full_cache(fakes: Fakes) -> None:
    with fakes.variants("cached", "naive", data=DATA) as variants:
        steps = [*sweep_rates(variants, rates=[50], rounds=2, seconds=0.4, seed=1)]

    arrivals = {(step.round, step.arrivals, step.arrivals_second_half) for step in steps}
    assert len(steps) == 4
    assert len(arrivals) == 2
    for step in steps:
        assert step.hits == step.answered
        # The service of this test is a thread of this process.
        assert step.service_cores is not None
        assert 0 <= step.service_cores < 4


STEP: dict[str, Any] = {"place": 3, "round": 1, "connections": 2, "service_cores": None}
MS = 1_000_000


def result(**changes: Any) -> OpenResult:
    """Make a second with four arrivals, one of which had to wait and one got no answer."""
    values: dict[str, Any] = {
        "seconds": 1.0,
        "intended_ns": [100 * MS, 400 * MS, 600 * MS, 900 * MS],
        "sent_ns": [100 * MS, 450 * MS, 600 * MS, 900 * MS],
        "ended_ns": [110 * MS, 510 * MS, 620 * MS, NEVER],
        "lags_ns": [0, 2 * MS],
        "hits": 3,
        "statuses": {200: 2, 503: 1},
        "elapsed_s": 2.0,
        "client_cores": 0.3,
    }
    return OpenResult(**(values | changes))


def test_a_step_accounts_for_every_arrival_from_its_intended_start_and_from_the_send() -> None:
    step = summarise(result(), "cached", 4, **STEP)

    assert (step.arrivals, step.answered, step.errors, step.hits) == (4, 3, 1, 3)
    assert step.client_cores == 0.3
    assert (step.p50_us, step.max_us) == (20_000, 110_000)
    assert (step.service_p50_us, step.service_mean_us) == (20_000, 30_000)
    assert step.lag_p99_us == pytest.approx(1980)
    # The halves are those of the schedule.
    assert step.arrivals_second_half == 2
    assert (step.first_half_p50_us, step.second_half_p50_us) == (60_000, 20_000)
    # At 0.5 s the second had no answer yet, at 1 s the last had none.
    assert (step.backlog_middle, step.backlog_end) == (1, 1)


def test_an_answer_in_the_drain_comes_after_the_end_and_what_was_not_seen_has_no_figure() -> None:
    late = result(ended_ns=[110 * MS, 510 * MS, 1020 * MS, 1100 * MS], statuses={200: 4})

    step = summarise(late, "cached", 4, **STEP)

    assert (step.answered, step.backlog_middle, step.backlog_end) == (4, 1, 2)
    # A half without an answer, and arrivals that found no connection free.
    bare = result(ended_ns=[110 * MS, 510 * MS, NEVER, NEVER], lags_ns=[])
    step = summarise(bare, "cached", 4, **STEP)
    assert (step.second_half_p50_us, step.lag_p99_us) == (None, None)
    silent = result(ended_ns=[NEVER] * 4, statuses={})
    with pytest.raises(ClientError, match="cached answered none of 4 requests at 4/s"):
        summarise(silent, "cached", 4, **STEP)

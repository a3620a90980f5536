import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.micro.measure import (
    LEAST_ROUNDS,
    MOST_ROUNDS,
    Measure,
    Stopwatch,
    TimedOperation,
    WrongOutcome,
)
from tests.fakes import ManualClock


class FakeBenchmark:
    """Run rounds as pytest-benchmark does, and read the same timer around each."""

    def __init__(self, timer: Callable[[], float], *, disabled: bool = False) -> None:
        self.group: str | None = None
        self.disabled = disabled
        self.extra_info: dict[str, Any] = {}
        self.data: list[float] = []
        self._timer = timer

    def pedantic(self, target: Callable[..., Any], /, *, rounds: int = 1) -> Any:
        for _ in range(rounds):
            before = self._timer()
            target()
            self.data.append(self._timer() - before)


def operation(
    clock: ManualClock, *, run_s: float, says: str = "hit", outside_s: float = 0
) -> TimedOperation[None]:
    """Take ``run_s`` to run, and ``outside_s`` before and again after it."""

    async def outside() -> None:
        clock.advance(outside_s)

    async def run() -> None:
        clock.advance(run_s)

    async def said(_: None) -> str:
        clock.advance(outside_s)
        return says

    return TimedOperation(run=run, outcome="hit", says=said, prepare=outside)


def measured(
    clock: ManualClock, operation: TimedOperation[None], *, disabled: bool = False, **info: Any
) -> FakeBenchmark:
    """Measure an operation of the group "reads" of the cached variant."""
    stopwatch = Stopwatch(clock)
    benchmark = FakeBenchmark(stopwatch.read, disabled=disabled)
    with asyncio.Runner() as runner:
        measure = Measure(benchmark, stopwatch, runner, {"redis": "Redis 8"})
        measure(operation, group="reads", variant="cached", **info)
    return benchmark


async def test_a_hit_benchmark_cannot_measure_a_miss() -> None:
    clock = ManualClock()
    stopwatch = Stopwatch(clock)

    with pytest.raises(WrongOutcome, match=r"was to be 'hit' and is 'miss'"):
        await stopwatch.round(operation(clock, run_s=2.0, says="miss"))

    assert stopwatch.read() == 0.0


@pytest.mark.parametrize(
    ("run_s", "outside_s", "rounds"),
    [
        (1.0, 0, LEAST_ROUNDS),
        (0.002, 0, 300),
        (0.000_001, 0, MOST_ROUNDS),
        # What prepares a round counts too.
        (0.000_001, 1.0, LEAST_ROUNDS),
    ],
)
def test_there_are_as_many_rounds_as_the_budget_allows(
    run_s: float, outside_s: float, rounds: int
) -> None:
    clock = ManualClock()

    data = measured(clock, operation(clock, run_s=run_s, outside_s=outside_s)).data

    # The clock is a float that was added to: 0.6 s in rounds of 2 ms may be one round off.
    assert len(data) == pytest.approx(rounds, abs=1)
    assert data == pytest.approx([run_s] * len(data))


def test_a_disabled_benchmark_is_one_round_without_warm_up_and_says_what_it_measures() -> None:
    clock = ManualClock()

    benchmark = measured(clock, operation(clock, run_s=8.0), disabled=True, summary="hit")

    assert benchmark.data == [8.0]
    assert clock() == ManualClock()() + 8.0
    assert benchmark.group == "reads"
    assert benchmark.extra_info == {
        "variant": "cached",
        "outcome": "hit",
        "redis": "Redis 8",
        "summary": "hit",
    }

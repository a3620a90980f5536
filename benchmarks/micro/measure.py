"""Measuring coroutines with pytest-benchmark, which knows only functions."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, TypeVar

from service.trace import begin

T = TypeVar("T")

WARM_UPS = 20
LEAST_ROUNDS = 100
MOST_ROUNDS = 2_000
BUDGET_S = 0.6


class WrongOutcome(AssertionError):
    """The operation did something else than the benchmark is named after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOperation(Generic[T]):
    """One operation, and what surrounds it in every round.

    ``prepare`` brings about the state that the operation is to find. ``says`` tells from the
    result what it did, and must tell ``outcome``. Only ``run`` is timed.
    """

    run: Callable[[], Awaitable[T]]
    outcome: str
    says: Callable[[T], Awaitable[str]]
    prepare: Callable[[], Awaitable[object]] | None = None


class Stopwatch:
    """The timer that pytest-benchmark reads: it runs only while an operation does.

    Entering an event loop costs as much as a round trip to Redis, and bringing the cache into a
    state costs more. So the time is taken inside the loop, around the operation alone.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self.clock = clock
        self._elapsed_s = 0.0

    def read(self) -> float:
        """Return the seconds of all rounds so far, summed."""
        return self._elapsed_s

    async def round(self, operation: TimedOperation[T]) -> None:
        """Do one round; raises ``WrongOutcome``."""
        if operation.prepare is not None:
            await operation.prepare()
        begin()
        started = self.clock()
        result = await operation.run()
        elapsed_s = self.clock() - started
        said = await operation.says(result)
        if said != operation.outcome:
            raise WrongOutcome(f"it was to be {operation.outcome!r} and is {said!r}")
        self._elapsed_s += elapsed_s


@dataclass(frozen=True, slots=True)
class Measure:
    """Measure operations in one long-lived event loop.

    ``benchmark`` is pytest-benchmark's, which has no types, and must read ``stopwatch``.
    ``metadata`` is what every benchmark of the session says of itself: servers and their versions.
    """

    benchmark: Any
    stopwatch: Stopwatch
    runner: asyncio.Runner
    metadata: Mapping[str, object]

    def __call__(
        self, operation: TimedOperation[T], *, group: str, variant: str, **info: Any
    ) -> None:
        """Measure one operation, every round of it checked; raises ``WrongOutcome``."""

        def one_round() -> None:
            self.runner.run(self.stopwatch.round(operation))

        self.benchmark.group = group
        self.benchmark.extra_info.update(
            variant=variant, outcome=operation.outcome, **self.metadata, **info
        )
        rounds = 1 if self.benchmark.disabled else self._rounds(one_round)
        self.benchmark.pedantic(one_round, rounds=rounds)

    def _rounds(self, one_round: Callable[[], None]) -> int:
        """Warm up, and return how many rounds the budget allows."""
        started = self.stopwatch.clock()
        for _ in range(WARM_UPS):
            one_round()
        affordable = int(BUDGET_S * WARM_UPS / (self.stopwatch.clock() - started))
        return min(max(affordable, LEAST_ROUNDS), MOST_ROUNDS)

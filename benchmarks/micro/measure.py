"""Measuring coroutines with pytest-benchmark, which knows only functions."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, Protocol, TypeVar

from service.trace import begin

T = TypeVar("T")

WARM_UPS = 20
LEAST_ROUNDS = 100
MOST_ROUNDS = 2_000
BUDGET_S = 0.6


class Benchmark(Protocol):
    """The methods of pytest-benchmark's fixture that are used here."""

    group: str | None
    disabled: bool
    extra_info: dict[str, Any]

    def pedantic(self, target: Callable[..., T], /, *, rounds: int = 1) -> T:
        """Measure a function once per round, and return what it returned last."""
        ...


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
        self._clock = clock
        self._elapsed_s = 0.0

    def read(self) -> float:
        """Return the seconds of all rounds so far, summed."""
        return self._elapsed_s

    async def round(self, operation: TimedOperation[T]) -> None:
        """Do one round; raises ``WrongOutcome``."""
        if operation.prepare is not None:
            await operation.prepare()
        begin()
        started = self._clock()
        result = await operation.run()
        elapsed_s = self._clock() - started
        said = await operation.says(result)
        if said != operation.outcome:
            raise WrongOutcome(f"it was to be {operation.outcome!r} and is {said!r}")
        self._elapsed_s += elapsed_s


class Measure:
    """Measure operations in one long-lived event loop.

    ``benchmark`` must read ``stopwatch``. ``metadata`` is what every benchmark of the session
    says of itself: servers and their versions.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        stopwatch: Stopwatch,
        runner: asyncio.Runner,
        metadata: Mapping[str, object],
        *,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._benchmark = benchmark
        self._stopwatch = stopwatch
        self._runner = runner
        self._metadata = metadata
        self._clock = clock

    def __call__(
        self, operation: TimedOperation[T], *, group: str, variant: str, **info: Any
    ) -> None:
        """Measure one operation, every round of it checked; raises ``WrongOutcome``."""

        def one_round() -> None:
            self._runner.run(self._stopwatch.round(operation))

        self._benchmark.group = group
        self._benchmark.extra_info.update(
            variant=variant, outcome=operation.outcome, **self._metadata, **info
        )
        rounds = 1 if self._benchmark.disabled else self._rounds(one_round)
        self._benchmark.pedantic(one_round, rounds=rounds)

    def _rounds(self, one_round: Callable[[], None]) -> int:
        """Warm up, and return how many rounds the budget allows."""
        started = self._clock()
        for _ in range(WARM_UPS):
            one_round()
        affordable = int(BUDGET_S * WARM_UPS / (self._clock() - started))
        return min(max(affordable, LEAST_ROUNDS), MOST_ROUNDS)

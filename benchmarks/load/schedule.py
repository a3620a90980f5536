"""The schedule of a load: the run's clock, the users' operations, and the variant of each."""

import random
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.measure.sessions import Block, interleave
from benchmarks.scenarios.base import Draw, Operation, Scenario
from benchmarks.storage.records import AGAIN

UNCOUNTED = -1
"""The observation of what is not to be recorded: warm-up, or the variant has just changed."""

SETTLING_SHARE = 0.2
"""The part of a block in which operations of the block before may still be under way."""


class Clock:
    """Counts from a moment that all processes are told; the machine's steady clock does the rest.

    Moments are seconds of ``time.perf_counter``. ``wall_s`` is only asked when the run begins, so a
    clock that is set meanwhile moves nothing.
    """

    def __init__(
        self,
        *,
        wall_s: Callable[[], float] = time.time,
        steady_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._wall_s = wall_s
        self._steady_s = steady_s
        self._origin_s: float | None = None

    def begin(self, at_s: float) -> None:
        """Count from ``at_s``, seconds since 1970."""
        self._origin_s = self._steady_s() - (self._wall_s() - at_s)

    def stop(self) -> None:
        """Forget the run: nothing has begun."""
        self._origin_s = None

    def now_s(self) -> float:
        """Return the moment."""
        return self._steady_s()

    def since_s(self, moment_s: float) -> float:
        """Return how long after the begin a moment was, 0 where nothing has begun."""
        return 0.0 if self._origin_s is None else moment_s - self._origin_s

    def elapsed_s(self) -> float:
        """Return the time since the begin, 0 where nothing has begun."""
        return self.since_s(self._steady_s())


def operations(scenario: Scenario, *, users: int, seed: int, part: str = "") -> Iterator[Operation]:
    """Yield the operations of one draw of a mix, which never ends.

    Equal arguments give equal operations, so every variant meets the same ones. ``part`` names
    whose share of the load it is: parts of one seed agree on who is how popular, which is drawn
    before the first operation, and on nothing else. (Were the popular users of every process
    others, all would be about equally popular.)
    """
    rng = random.Random(f"{seed} {scenario.name}")  # noqa: S311 - a workload, not a secret
    drawn = iter(scenario.draw(Draw(users=users, amount=sys.maxsize, turn=0, rng=rng)))
    next(drawn)
    rng.seed(f"{seed} {scenario.name} {part}")
    yield from drawn


def session_of(scenario: Scenario) -> Sequence[Operation]:
    """Return the operations of one session; nothing of it is random."""
    rng = random.Random(0)  # noqa: S311 - not asked
    return tuple(scenario.draw(Draw(users=1, amount=1, turn=0, rng=rng)))


def target_of(variant: str) -> str:
    """Return the variant that is asked: itself, also where it is compared with itself."""
    return variant.removesuffix(AGAIN)


def series_of(variants: Sequence[str]) -> list[str]:
    """Return each variant, and each once more for the comparison with itself."""
    return [*variants, *(variant + AGAIN for variant in variants)]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All variants at the same time: each user stays on one, and all is one observation."""

    variants: Sequence[str]
    seconds: float | None = None

    def block(self, ordinal: int, elapsed_s: float) -> Block:
        """Return the user's block, which lasts as long as the load."""
        del elapsed_s
        number = ordinal % len(self.variants)
        return Block(number, 0, 0, self.variants[number])


class Blocks:
    """Everybody on one variant for a short while, then on another, in an order that cancels drift.

    ``series`` are the variants, also those with ``AGAIN``. Before ``warm_up_s`` is over, users are
    spread over the series and nothing counts; nor does the beginning of a block, nor what comes
    after the last one.
    """

    def __init__(
        self,
        series: Sequence[str],
        *,
        observations: int,
        block_s: float,
        seed: str,
        warm_up_s: float = 0.0,
    ) -> None:
        self._series = series
        self._blocks = interleave(series, observations=observations, seed=seed)
        self._starts_s = [warm_up_s + index * block_s for index in range(len(self._blocks))]
        self._settled_s = SETTLING_SHARE * block_s
        self.seconds: float | None = warm_up_s + len(self._blocks) * block_s

    def block(self, ordinal: int, elapsed_s: float) -> Block:
        """Return the block of the time."""
        index = bisect_right(self._starts_s, elapsed_s) - 1
        if index < 0:
            return Block(-1, UNCOUNTED, 0, self._series[ordinal % len(self._series)])
        block = self._blocks[index]
        over = self.seconds is not None and elapsed_s >= self.seconds
        if over or elapsed_s < self._starts_s[index] + self._settled_s:
            return replace(block, observation=UNCOUNTED)
        return block


VariantSchedule = SideBySide | Blocks
"""A plan of blocks over a run; ``seconds`` is after how long everything has been observed."""

"""Which variant a user's next operation goes to, and which observation it counts for."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from benchmarks.measure.sessions import Block, interleave
from benchmarks.storage.records import AGAIN

UNCOUNTED = -1
"""The observation of what is not to be recorded: warm-up, or the variant has just changed."""

SETTLING_SHARE = 0.2
"""The part of a block in which operations of the block before may still be under way."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Where an operation goes; ``block`` is unique to the variant and observation."""

    variant: str
    observation: int
    block: int


class VariantSchedule(Protocol):
    """A plan of turns over a run."""

    @property
    def seconds(self) -> float | None:
        """Return after how long everything has been observed, None for never."""
        ...

    def turn(self, ordinal: int, elapsed_s: float) -> Turn:
        """Return the turn of the user with that number at that time since the run began."""
        ...


def target_of(variant: str) -> str:
    """Return the variant that is asked: itself, also where it is compared with itself."""
    return variant.removesuffix(AGAIN)


def series_of(variants: Sequence[str]) -> list[str]:
    """Return each variant, and each once more for the comparison with itself."""
    return [*variants, *(variant + AGAIN for variant in variants)]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All variants at the same time: each user stays on one. Each second is an observation."""

    variants: Sequence[str]
    seconds: float | None = None

    def turn(self, ordinal: int, elapsed_s: float) -> Turn:
        """Return the user's variant."""
        place, second = ordinal % len(self.variants), int(elapsed_s)
        return Turn(self.variants[place], second, second * len(self.variants) + place)


@dataclass(frozen=True, slots=True)
class Halves:
    """Everybody on the first variant, then everybody on the next.

    Observations count the seconds of a variant's own part, so that every variant has the same
    ones.
    """

    variants: Sequence[str]
    seconds: float

    def turn(self, ordinal: int, elapsed_s: float) -> Turn:
        """Return the variant of the time; after the end it stays and nothing counts."""
        del ordinal
        count, part_s = len(self.variants), self.seconds / len(self.variants)
        place = min(int(elapsed_s / part_s), count - 1)
        if elapsed_s >= self.seconds:
            return Turn(self.variants[place], UNCOUNTED, UNCOUNTED)
        second = int(elapsed_s - place * part_s)
        return Turn(self.variants[place], second, second * count + place)


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
        self._starts_s = [warm_up_s + place * block_s for place in range(len(self._blocks))]
        self._settled_s = SETTLING_SHARE * block_s
        self.seconds: float | None = warm_up_s + len(self._blocks) * block_s

    def turn(self, ordinal: int, elapsed_s: float) -> Turn:
        """Return the series of the time."""
        place = bisect_right(self._starts_s, elapsed_s) - 1
        if place < 0:
            return Turn(self._series[ordinal % len(self._series)], UNCOUNTED, UNCOUNTED)
        block: Block = self._blocks[place]
        over = self.seconds is not None and elapsed_s >= self.seconds
        if over or elapsed_s < self._starts_s[place] + self._settled_s:
            return Turn(block.variant, UNCOUNTED, block.number)
        return Turn(block.variant, block.observation, block.number)

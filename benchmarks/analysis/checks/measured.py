"""One scenario in one regime, with what its checks need to know of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.analysis.checks.check import Check
from benchmarks.storage.records import AGAIN, CONTROLS, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The samples of complete observations, and how they are to be read.

    ``variants`` starts with the reference. ``caching`` names those of them that cache, ``ours``
    those whose answers have to be right, ``ceilings`` those that answer alike for everybody and
    know no cache. ``changing`` names the actions that write, ``expires`` tells that entries live
    for less than a block, ``mix`` that users and actions are drawn at random, ``cold`` that a
    session starts with a miss. ``rate`` is how many operations start per second, None for as fast
    as answers come. ``delay_ms`` was added to each find, ``redis_delay_ms`` to each round trip to
    Redis. ``answers`` are the statuses that are no failure.
    """

    samples: Sequence[Sample]
    variants: Sequence[str]
    caching: frozenset[str]
    ours: frozenset[str]
    ceilings: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()
    expires: bool = False
    mix: bool = False
    cold: bool = True
    rate: float | None = None
    delay_ms: float = 0.0
    redis_delay_ms: float = 0.0
    answers: frozenset[int] = frozenset({200})
    scenario: str = field(init=False)
    regime: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scenario", self.samples[0].scenario)
        object.__setattr__(self, "regime", self.samples[0].regime)

    @property
    def reference(self) -> str:
        """Return the variant that the others are compared with."""
        return self.variants[0]

    @property
    def changes(self) -> bool:
        """Tell whether anything is written."""
        return bool(self.changing)

    @property
    def served(self) -> list[Sample]:
        """Return the samples of all variants but the ceilings."""
        return [sample for sample in self.samples if plain(sample.variant) not in self.ceilings]

    def check(
        self, name: str, *, passed: bool, detail: str, advice: str, whole_run: bool = False
    ) -> Check:
        """Return a check of this case, or one that what was seen here makes of the whole run.

        The advice is for one that failed.
        """
        return Check(
            name=name,
            scenario="" if whole_run else self.scenario,
            regime=self.regime,
            passed=passed,
            detail=detail,
            advice="" if passed else advice,
        )


def plain(variant: str) -> str:
    """Return the variant that was measured, whatever it was measured for."""
    for suffix in (AGAIN, *CONTROLS):
        variant = variant.removesuffix(suffix)
    return variant

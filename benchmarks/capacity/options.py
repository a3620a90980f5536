"""The options of ``fivefold capacity``, checked before it starts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from benchmarks.analysis.header import SweepOptions
from benchmarks.storage.usage import DEFAULT_SEED, UsageError, within
from benchmarks.variants.registry import (
    CEILING,
    DEFAULT,
    REFERENCE,
    VARIANTS,
    Variant,
    check_variants,
)

CONNECTIONS = (1, 2, 4, 8, 16, 32, 64)
DATA = ("seed", "users", "todos_per_user", "payload_bytes")
"""The options that are arguments of ``make_dataset``."""
LIMITS: Mapping[str, tuple[float, float]] = {
    "connections": (1, 1_000),
    # Fewer rounds give no interval worth the name.
    "rounds": (2, 100),
    "workers": (1, 64),
    "seconds": (0.05, 600),
    "seed": (0, 2**63 - 1),
    "users": (1, 10_000),
    "todos_per_user": (0, 1_000),
    "payload_bytes": (1, 10_000),
    "soak": (10, 1_000_000_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityOptions(SweepOptions):
    """One load sweep; an instance is always valid.

    ``variants`` starts with the reference, whether it was asked for or not; ``connections``
    rises; ``seconds`` is the time of one step. With ``costs`` misses and writes are measured as
    well, over one connection. Construction raises ``UsageError``.
    """

    rounds: int = 3
    seconds: float = 1.0
    seed: int = DEFAULT_SEED
    users: int = 100
    todos_per_user: int = 20
    payload_bytes: int = 100

    @classmethod
    def asked(
        cls,
        *,
        variants: Iterable[str] = (),
        connections: Iterable[int] = CONNECTIONS,
        **others: Any,
    ) -> Self:
        """Bring what was asked for in order; no variant means the default ones and a ceiling."""
        named = tuple(variants) or (*DEFAULT, CEILING)
        return cls(
            variants=tuple(dict.fromkeys([REFERENCE, *named])),
            connections=tuple(sorted(set(connections))),
            **others,
        )

    @property
    def services(self) -> tuple[Variant, ...]:
        """Return what runs, the reference first."""
        return tuple(VARIANTS[name].on(each) for name in self.variants for each in self.workers)

    def __post_init__(self) -> None:
        check_variants(self.variants)
        for name in ("connections", "workers"):
            numbers = getattr(self, name)
            if not numbers:
                raise UsageError(f"--{name} is empty; give numbers such as 1,2,4,8")
            for number in numbers:
                within(name, number, LIMITS)
        for name in ("rounds", "seconds", *DATA):
            within(name, getattr(self, name), LIMITS)


def parse_numbers(option: str, text: str) -> tuple[int, ...]:
    """Return the numbers in ``1,2,4``; raises ``UsageError``, also for an empty item."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{option} is {text!r}; it takes numbers such as 1,2,4,8") from None

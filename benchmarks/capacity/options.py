"""What ``fivefold capacity`` was asked to do, checked before it starts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.runner.options import check_out, check_variants
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, UsageError
from benchmarks.variants.registry import DEFAULT, REFERENCE, VARIANTS

CONNECTIONS = (1, 2, 4, 8, 16, 32, 64)
_SOAK_CONNECTIONS = 8
LIMITS: Mapping[str, tuple[float, float]] = {
    "connections": (1, 1_000),
    # Fewer rounds give no interval worth the name.
    "rounds": (2, 100),
    "seconds": (0.05, 600),
    "seed": (0, 2**63 - 1),
    "users": (1, 10_000),
    "todos_per_user": (0, 1_000),
    "payload_bytes": (1, 10_000),
    "soak": (10, 1_000_000_000),
}
_DATA = ("seed", "users", "todos_per_user", "payload_bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityOptions:
    """One load sweep; an instance is always valid.

    ``variants`` starts with the reference, whether it was asked for or not; ``connections``
    rises; ``seconds`` is the time of one step. Construction raises ``UsageError``.
    """

    variants: tuple[str, ...]
    connections: tuple[int, ...]
    rounds: int
    seconds: float
    seed: int
    users: int
    todos_per_user: int
    payload_bytes: int
    out: Path

    @classmethod
    def asked(
        cls,
        *,
        variants: Iterable[str] = (),
        connections: Iterable[int] = CONNECTIONS,
        rounds: int = 3,
        seconds: float = 1.0,
        seed: int = DEFAULT_SEED,
        users: int = 100,
        todos_per_user: int = 20,
        payload_bytes: int = 100,
        out: Path = DEFAULT_OUT,
    ) -> Self:
        """Bring what was asked for in order; no variant means the default ones and the ceiling."""
        ceilings = [name for name, variant in VARIANTS.items() if variant.kind == "ceiling"]
        wanted = tuple(variants) or (*DEFAULT, *ceilings)
        return cls(
            variants=tuple(dict.fromkeys([REFERENCE, *wanted])),
            connections=tuple(sorted(set(connections))),
            rounds=rounds,
            seconds=seconds,
            seed=seed,
            users=users,
            todos_per_user=todos_per_user,
            payload_bytes=payload_bytes,
            out=out,
        )

    def __post_init__(self) -> None:
        check_variants(self.variants)
        if not self.connections:
            raise UsageError("--connections is empty; give numbers such as 1,2,4,8")
        for connections in self.connections:
            _within("connections", connections)
        for name in ("rounds", "seconds", *_DATA):
            _within(name, getattr(self, name))
        check_out(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakOptions:
    """One long run against one variant. Construction raises ``UsageError``."""

    variant: str = "cached"
    requests: int = 1_000_000
    connections: int = _SOAK_CONNECTIONS
    seed: int = DEFAULT_SEED
    users: int = 100
    todos_per_user: int = 20
    payload_bytes: int = 100

    @classmethod
    def asked(
        cls,
        *,
        variants: Sequence[str] = (),
        requests: int,
        connections: Sequence[int] = (),
        seed: int = DEFAULT_SEED,
        users: int = 100,
        todos_per_user: int = 20,
        payload_bytes: int = 100,
    ) -> Self:
        """Take one variant and one number of connections; raises ``UsageError`` for more."""
        if len(variants) > 1:
            raise UsageError(f"--soak loads one --variant, not {', '.join(variants)}")
        if len(connections) > 1:
            raise UsageError("--soak takes one number of --connections")
        return cls(
            variant=variants[0] if variants else "cached",
            requests=requests,
            connections=connections[0] if connections else _SOAK_CONNECTIONS,
            seed=seed,
            users=users,
            todos_per_user=todos_per_user,
            payload_bytes=payload_bytes,
        )

    def __post_init__(self) -> None:
        check_variants([self.variant])
        _within("soak", self.requests)
        for name in ("connections", *_DATA):
            _within(name, getattr(self, name))


def parse_connections(text: str) -> tuple[int, ...]:
    """Return the numbers in ``1,2,4``; raises ``UsageError``."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise UsageError(f"--connections is {text!r}; it takes numbers such as 1,2,4,8") from None


def _within(name: str, value: float) -> None:
    least, most = LIMITS[name]
    if not least <= value <= most:
        raise UsageError(f"--{name.replace('_', '-')} is {value}; it takes {least} to {most}")

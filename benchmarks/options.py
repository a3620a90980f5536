"""What ``fivefold compare`` was asked to do, checked completely before anything starts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.measure.regimes import REGIMES
from benchmarks.scenarios import SCENARIOS
from benchmarks.variants import DEFAULT, EXTRA, REFERENCE, VARIANTS, missing_packages

DEFAULT_SEED = 1
DEFAULT_OUT = Path("reports")


class UsageError(Exception):
    """The command cannot be carried out as given; the message lists what can."""


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """How much is measured in one regime: observations, and sessions in each of their blocks."""

    observations: int
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A named amount of work."""

    name: str
    users: int
    todos_per_user: int
    payload_bytes: int
    warmup_sessions: int
    plans: Mapping[str, BlockPlan]
    scenarios: tuple[str, ...]
    probe_seconds: float


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="quick",
            users=20,
            todos_per_user=20,
            payload_bytes=100,
            warmup_sessions=30,
            plans={
                "native": BlockPlan(30, 4),
                "50ms-per-request": BlockPlan(14, 2),
                "50ms-per-query": BlockPlan(8, 1),
            },
            # The others are one --scenario away; all of them would not fit into a minute.
            scenarios=("session",),
            probe_seconds=2.0,
        ),
        Profile(
            name="full",
            users=100,
            todos_per_user=20,
            payload_bytes=100,
            warmup_sessions=100,
            plans={
                "native": BlockPlan(80, 10),
                "50ms-per-request": BlockPlan(40, 2),
                "50ms-per-query": BlockPlan(40, 2),
            },
            scenarios=tuple(SCENARIOS),
            probe_seconds=10.0,
        ),
    )
}

# Least and most that make sense; two observations are the least an interval can be made of.
LIMITS: Mapping[str, tuple[float, float]] = {
    "seed": (0, 2**63 - 1),
    "users": (1, 10_000),
    "todos-per-user": (0, 1_000),
    "payload-bytes": (1, 10_000),
    "blocks": (2, 1_000),
    "sessions": (1, 1_000),
    "probe-seconds": (0.1, 600),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """One comparison; whoever holds one holds a valid one.

    ``variants`` starts with the reference, whether it was asked for or not. ``plans`` names every
    regime that will be measured. After the last scenario every variant is probed for
    ``probe_seconds``. Construction raises ``UsageError``.
    """

    profile: str
    scenarios: tuple[str, ...]
    variants: tuple[str, ...]
    seed: int
    users: int
    todos_per_user: int
    payload_bytes: int
    warmup_sessions: int
    plans: Mapping[str, BlockPlan]
    probe_seconds: float
    out: Path

    @classmethod
    def from_profile(
        cls,
        profile: str = "quick",
        *,
        scenarios: Iterable[str] = (),
        variants: Iterable[str] = (),
        seed: int = DEFAULT_SEED,
        users: int | None = None,
        todos_per_user: int | None = None,
        payload_bytes: int | None = None,
        blocks: int | None = None,
        sessions: int | None = None,
        probe_seconds: float | None = None,
        out: Path = DEFAULT_OUT,
    ) -> Self:
        """Take a profile's values where nothing else was asked for.

        No scenario means the profile's, no variant the default ones. ``blocks`` and ``sessions``
        hold for every regime.
        """
        base = PROFILES[_choice("profile", profile, PROFILES)]
        return cls(
            profile=base.name,
            scenarios=tuple(dict.fromkeys(scenarios)) or base.scenarios,
            variants=tuple(dict.fromkeys([REFERENCE, *(tuple(variants) or DEFAULT)])),
            seed=seed,
            users=base.users if users is None else users,
            todos_per_user=base.todos_per_user if todos_per_user is None else todos_per_user,
            payload_bytes=base.payload_bytes if payload_bytes is None else payload_bytes,
            warmup_sessions=base.warmup_sessions,
            plans={
                regime: BlockPlan(
                    plan.observations if blocks is None else blocks,
                    plan.sessions if sessions is None else sessions,
                )
                for regime, plan in base.plans.items()
            },
            probe_seconds=base.probe_seconds if probe_seconds is None else probe_seconds,
            out=out,
        )

    def __post_init__(self) -> None:
        _choice("profile", self.profile, PROFILES)
        for scenario in self.scenarios:
            _choice("scenario", scenario, SCENARIOS)
        for regime in self.plans:
            _choice("regime", regime, REGIMES)
        check_variants(self.variants)
        self._check_variants()
        self._check_amounts()
        self._check_writes()
        check_out(self.out)

    def variants_of(self, scenario: str) -> tuple[str, ...]:
        """Return the variants that a scenario can measure: a ceiling answers reads only."""
        if not SCENARIOS[scenario].changes:
            return self.variants
        return tuple(name for name in self.variants if VARIANTS[name].kind != "ceiling")

    def _check_variants(self) -> None:
        if len(self.variants) < 2 or self.variants[0] != REFERENCE:  # noqa: PLR2004
            others = ", ".join(name for name in VARIANTS if name != REFERENCE)
            raise UsageError(
                f"nothing to compare with {REFERENCE}, which is always the reference; "
                f"choose at least one of: {others}"
            )

    def _check_amounts(self) -> None:
        _within("seed", self.seed)
        _within("users", self.users)
        _within("todos-per-user", self.todos_per_user)
        _within("payload-bytes", self.payload_bytes)
        _within("probe-seconds", self.probe_seconds)
        for plan in self.plans.values():
            _within("blocks", plan.observations)
            _within("sessions", plan.sessions)
            if plan.sessions > self.users:
                raise UsageError(
                    f"{plan.sessions} sessions in one block need as many users, there are only "
                    f"{self.users}: raise --users or lower --sessions"
                )

    def _check_writes(self) -> None:
        writing = [name for name in self.scenarios if SCENARIOS[name].changes]
        if not writing:
            return
        if not self.todos_per_user:
            raise UsageError(f"scenario {writing[0]} changes a todo: raise --todos-per-user")
        if len(self.variants_of(writing[0])) < 2:  # noqa: PLR2004
            raise UsageError(
                f"a ceiling answers reads only: scenario {writing[0]} needs a variant that can "
                f"write beside {REFERENCE}"
            )


def check_variants(names: Iterable[str]) -> None:
    """Raise ``UsageError`` for a variant that does not exist or lacks a package."""
    for name in names:
        variant = VARIANTS[_choice("variant", name, VARIANTS)]
        missing = missing_packages(variant)
        if missing:
            raise UsageError(
                f"variant {name} needs {', '.join(missing)}, which is not installed: "
                f"install the extra {EXTRA} (pip install 'fivefold[{EXTRA}]')"
            )


def check_out(out: Path) -> None:
    """Raise ``UsageError`` where no folder of reports can be."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out} is a file; give a folder for the reports")


def _choice(kind: str, name: str, choices: Iterable[str]) -> str:
    if name not in choices:
        raise UsageError(f"unknown {kind} {name!r}; choose from: {', '.join(choices)}")
    return name


def _within(name: str, value: float) -> None:
    least, most = LIMITS[name]
    if not least <= value <= most:
        raise UsageError(f"--{name} is {value}; it takes {least} to {most}")

"""The header of a run: its options, its environment, its state; samples are read by it.

The fields are the keys of ``results.json``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.claim import Claim
from benchmarks.scenarios.base import Primed, ScenarioKind
from benchmarks.storage.plain import added
from benchmarks.storage.records import (
    CaseUse,
    Coherence,
    Counted,
    RateStep,
    Regime,
    Role,
    SweepStep,
)

SCHEMA = "fivefold.results/4"
"""Of a comparison's header, and of all results that are written with it."""
VariantKind = Literal["reference", "ours", "rival", "ablation", "ceiling", "target"]
"""The purpose of a variant; a target is a service of the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredVariant:
    """A measured variant, with the versions of the packages that only it needs."""

    name: str
    kind: VariantKind
    caches: bool
    description: str
    packages: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSetting:
    """The settings that a scenario changed in the service or its data."""

    env: Mapping[str, str]
    empty_share: float
    indexed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredScenario:
    """A scenario of the run; ``changing`` names the actions that write.

    ``answers`` are the statuses that are no failure, with ``any_answer`` in addition to all that
    are no error.
    """

    name: str
    purpose: str
    kind: ScenarioKind
    requests: int
    primed: Primed
    changes: bool
    changing: tuple[str, ...]
    rate: float | None
    setting: MeasuredSetting
    answers: tuple[int, ...] | None = added(None)
    any_answer: bool = added(False)  # noqa: FBT003 - the default of a field

    @property
    def good_answers(self) -> frozenset[int]:
        """Return the statuses that are no failure."""
        # Runs from before scenarios could take anything else for good do not say.
        named = frozenset({200} if self.answers is None else self.answers)
        return named | frozenset(range(200, 400)) if self.any_answer else named

    @property
    def expires(self) -> bool:
        """Tell whether entries live for less than a block."""
        return any(name.endswith("TTL_SECONDS") for name in self.setting.env)


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """The most observations per restart, and the amount of each variant in one of them.

    ``amount`` counts sessions or, in a mix, operations.
    """

    observations: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One scenario in one regime."""

    scenario: str
    regime: str
    plan: BlockPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOptions:
    """The options of every command; the data of services that run already is not known."""

    variants: tuple[str, ...]
    seed: int
    users: int
    todos_per_user: int | None = added(None)
    payload_bytes: int | None = added(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions(AskedOptions):
    """The options of a comparison. Commands differ in those that may be None."""

    profile: str
    scenarios: tuple[str, ...]
    restarts: int
    claims: tuple[Claim, ...]
    asked: tuple[str, ...]
    warmup_sessions: int | None = added(None)
    probe_seconds: float | None = added(None)
    sweeps: int | None = added(None)
    sweep_seconds: float | None = added(None)
    parts: tuple[Case, ...] | None = added(None)
    observations: int | None = added(None)
    seconds: float | None = added(None)
    rate: float | None = added(None)
    ignored: tuple[str, ...] | None = added(None)
    bodies_compared: bool | None = added(None)
    certificates_verified: bool | None = added(None)
    redirects_followed: bool | None = added(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOptions(AskedOptions):
    """The options of a sweep; every variant runs with each number of ``workers``."""

    connections: tuple[int, ...]
    workers: tuple[int, ...] = added((1,))
    costs: bool = added(False)  # noqa: FBT003 - the default of a field
    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredServer:
    """A server behind the services; the ``caveat`` is what it does to the figures."""

    product: str
    version: str
    kind: str
    label: str
    caveat: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredDatabase(MeasuredServer):
    """The database, which may be another one that speaks MongoDB's protocol."""

    real_mongodb: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRedis(MeasuredServer):
    """The Redis, which may be a stand-in whose times mean nothing."""

    measures_latency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredMachine:
    """The machine of the run; None where a fact cannot be found out."""

    system: str
    cpu_model: str | None
    cpu_count: int | None
    cpu_affinity: int | None
    load_avg_1min: float
    timer_resolution_ns: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GitState:
    """The commit, and whether the work tree differed from it."""

    commit: str
    dirty: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnvironment:
    """The environment of a run; without a database it measured the user's own services."""

    date_utc: str
    machine: MeasuredMachine
    python: str
    packages: Mapping[str, str]
    git: GitState | None
    database: MeasuredDatabase | None
    redis: MeasuredRedis | None

    @property
    def is_foreign(self) -> bool:
        """Tell whether the services were the user's own, which ran already."""
        return self.database is None

    @property
    def redis_measures_latency(self) -> bool:
        """Tell whether the times of Redis, if there is one, mean something."""
        return self.redis is None or self.redis.measures_latency


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRequests:
    """The number of failed requests of a kind in a whole run, by Locust's own count."""

    name: str
    requests: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRecord:
    """The load of a run with many users, and the records that were lost."""

    locust: str
    users: int | None
    rate: float | None
    processes: int
    block_seconds: float
    cores: Mapping[str, float | None]
    damage: tuple[str, ...] = ()
    failures: tuple[FailedRequests, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingAnswer:
    """One of two answers that differ: what it says at the place, and the file with its body."""

    variant: str
    status: int
    said: str
    file: str | None = added(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first place in which two answers to the same request of a user differ."""

    action: str
    user: int
    place: str
    answers: tuple[DifferingAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """The fields of every kind of run."""

    schema: str
    state: str
    reason: str
    environment: RunEnvironment
    options: AskedOptions
    variants: tuple[MeasuredVariant, ...]

    @property
    def kinds(self) -> Mapping[str, VariantKind]:
        """Return the kind of each variant; the first one is the reference."""
        return {each.name: each.kind for each in self.variants}

    @property
    def reference(self) -> str:
        """Return the variant that all others are compared with."""
        return self.variants[0].name

    @property
    def ours(self) -> Sequence[str]:
        """Return the variants whose answers have to be right."""
        return self._of("ours")

    @property
    def ceilings(self) -> Sequence[str]:
        """Return those that show what no other can beat: alike for everybody, with no cache."""
        return self._of("ceiling")

    @property
    def caching(self) -> frozenset[str]:
        """Return the variants that cache."""
        return frozenset(each.name for each in self.variants if each.caches)

    def _of(self, kind: VariantKind) -> Sequence[str]:
        return [each.name for each in self.variants if each.kind == kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header(RunHeader):
    """The part of a comparison's results that is not computed.

    ``load`` is there where many users at a time were served, ``differences`` where services of the
    user's own were compared.
    """

    options: RunOptions
    scenarios: tuple[MeasuredScenario, ...]
    regimes: tuple[Regime, ...]
    coherence: tuple[Coherence, ...]
    counters: tuple[Counted, ...]
    system: tuple[CaseUse, ...]
    rates: tuple[RateStep, ...]
    steps: tuple[SweepStep, ...]
    load: LoadRecord | None = added(None)
    differences: tuple[Difference, ...] | None = added(None)

    @property
    def roles(self) -> Mapping[str, Role]:
        """Return what each regime is measured for."""
        return {each.name: each.role for each in self.regimes}

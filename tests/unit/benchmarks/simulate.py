"""Samples and headers of runs that never happened, with a known truth."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.analysis.header import (
    SCHEMA,
    GitState,
    Header,
    MeasuredDatabase,
    MeasuredMachine,
    MeasuredRedis,
    MeasuredScenario,
    MeasuredSetting,
    MeasuredVariant,
    RunEnvironment,
    RunOptions,
    VariantKind,
)
from benchmarks.analysis.quantities.groups import Group, groups_of
from benchmarks.measure.regimes import REGIMES
from benchmarks.measure.sessions import interleave
from benchmarks.storage.records import Coherence, Outcome, Regime, Sample

READS = 5


def sample(**changes: Any) -> Sample:
    values: dict[str, Any] = {
        "scenario": "session",
        "regime": "native",
        "restart": 0,
        "observation": 0,
        "block": 0,
        "variant": "uncached",
        "session": 0,
        "user": 0,
        "index": 0,
        "action": "list",
        "outcome": "bypass",
        "slots": "",
        "intended_start_s": 0.0,
        "start_s": 0.0,
        "duration_s": 0.05,
        "status": 200,
        "body_hash": "00ff",
        "db_ms": 50.0,
        "cache_ms": None,
        "app_ms": 0.5,
    }
    return Sample(**(values | changes))


def run_samples(
    *,
    scenario: str = "session",
    regime: str = "native",
    warm: bool = False,
    observations: int = 8,
    sessions: int = 2,
    times_ms: Mapping[Outcome, float] | None = None,
    noise: float = 0.02,
    db_ms: float = 50.0,
    variants: Sequence[str] = ("uncached", "cached"),
    seed: int = 1,
    restart: int = 0,
) -> list[Sample]:
    """Make the samples of one regime, each block off by a random factor of its own."""
    means = {"bypass": 50.0, "miss": 51.0, "hit": 1.0, "unknown": 0.5} | dict(times_ms or {})
    rng = random.Random(seed)
    samples = []
    for block in interleave(variants, observations=observations, seed=str(seed)):
        factor = rng.lognormvariate(0, noise)
        for session in range(sessions):
            for index in range(READS):
                outcome = outcome_of(block.variant, index, warm=warm)
                samples.append(
                    sample(
                        scenario=scenario,
                        regime=regime,
                        restart=restart,
                        observation=block.observation + restart * observations,
                        block=block.number + restart * observations * len(variants),
                        variant=block.variant,
                        session=session,
                        user=session,
                        index=index,
                        outcome=outcome,
                        duration_s=means[outcome] * factor / 1000,
                        body_hash="fixed" if outcome == "unknown" else "00ff",
                        db_ms=0.0 if outcome == "hit" else db_ms,
                    )
                )
    return samples


def outcome_of(variant: str, index: int, *, warm: bool = False) -> Outcome:
    """Return what a variant that works says of a read."""
    if variant == "static":
        return "unknown"
    if variant.startswith("uncached"):
        return "bypass"
    return "hit" if warm or index else "miss"


KINDS: Mapping[str, VariantKind] = {
    "uncached": "reference",
    "cached": "ours",
    "static": "ceiling",
}


def variants(*names: str) -> tuple[MeasuredVariant, ...]:
    """Describe variants; one that is not known is a rival with a package of its name."""
    return tuple(
        MeasuredVariant(
            name=name,
            kind=KINDS.get(name, "rival"),
            caches=name not in {"uncached", "static"},
            description=f"what {name} is",
            packages={} if name in KINDS else {name: "1.2"},
        )
        for name in names
    )


def regimes(*names: str) -> tuple[Regime, ...]:
    """Return regimes by their names."""
    return tuple(REGIMES[name] for name in names)


def scenario(name: str = "session", **changes: Any) -> MeasuredScenario:
    """Describe a scenario that starts cold and reads."""
    usual = MeasuredScenario(
        name=name,
        purpose="for tests",
        kind="session",
        requests=READS,
        primed="never",
        changes=False,
        changing=(),
        rate=None,
        setting=MeasuredSetting(env={}, empty_share=0.0, indexed=True),
    )
    return replace(usual, **changes)


def coherence(variant: str, **changes: Any) -> Coherence:
    """Make what a probe found: nothing wrong, unless changed."""
    usual = Coherence(
        variant=variant,
        seconds=2.0,
        reads=3400,
        hits=2000,
        writes=200,
        stale=0,
        backwards=0,
        impossible=0,
        errors=0,
        first="",
    )
    return replace(usual, **changes)


DATABASE = MeasuredDatabase(
    product="SecantusDB",
    version="0.7",
    kind="SecantusDB",
    label="SecantusDB 0.7 (SecantusDB)",
    caveat="these are not MongoDB figures.",
    real_mongodb=False,
)
REDIS = MeasuredRedis(
    product="Redis",
    version="8.2",
    kind="redis-server",
    label="Redis 8.2 (redis-server)",
    caveat=None,
    measures_latency=True,
)
MACHINE = MeasuredMachine(
    system="Linux 6.1 x86_64",
    cpu_model="Some | CPU",
    cpu_count=2,
    cpu_affinity=2,
    load_avg_1min=0.25,
    timer_resolution_ns=1.0,
)
ENVIRONMENT = RunEnvironment(
    date_utc="2026-11-22T23:59:59Z",
    machine=MACHINE,
    python="CPython 3.11.7",
    packages={"pymongo": "4.20.0"},
    git=GitState(commit="0123456789abcdef", dirty=True),
    database=DATABASE,
    redis=REDIS,
)
OPTIONS = RunOptions(
    profile="quick",
    scenarios=("session",),
    variants=("uncached", "cached"),
    seed=1,
    users=20,
    todos_per_user=20,
    payload_bytes=100,
    warmup_sessions=30,
    restarts=1,
    probe_seconds=2.0,
    sweeps=0,
    sweep_seconds=1.0,
    parts=(),
    claims=(),
    asked=(),
)


def header(**changes: Any) -> Header:
    """Make the header of a finished run."""
    usual = Header(
        schema=SCHEMA,
        state="complete",
        reason="",
        environment=ENVIRONMENT,
        options=OPTIONS,
        variants=variants("uncached", "cached"),
        scenarios=(scenario(),),
        coherence=(coherence("uncached", hits=0), coherence("cached")),
        counters=(),
        system=(),
        rates=(),
        steps=(),
        regimes=regimes("native", "a/a", "50ms-per-request", "50ms-per-query", "db+1ms", "db+20ms"),
    )
    return replace(usual, **changes)


def group_of(samples: Sequence[Sample], **changes: Any) -> Group:
    """Return samples of one case as the analysis has them, of a run with such a header."""
    names = sorted({each.variant for each in samples}, key=lambda name: (name != "uncached", name))
    entries = {
        "variants": variants(*names),
        "scenarios": (scenario(samples[0].scenario),),
    }
    [group] = groups_of(header(**(entries | changes)), samples)
    return group

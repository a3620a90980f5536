"""The profiles: the cases of a run and the amount of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.analysis.header import BlockPlan, Case
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.records import NATIVE, NOISE

CONTROL_SCENARIO = "session"
"""The scenario in which the harness proves itself."""


Plans = Mapping[str, BlockPlan]
"""By regime, in the order in which they are measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A named amount of work.

    ``control`` is always measured, with the session of the tutorial: it shows whether the
    harness and this machine can tell what they are asked to tell. ``session`` comes on top of it
    where that scenario is asked for; ``others`` and ``mixes`` are for every other scenario, with
    the operations of ``amounts`` for mixes that want another number of them. The open loop and
    the sweep of connections are done ``sweeps`` times, 0 to leave them out. Services that run
    already are measured for ``target_seconds`` at most.
    """

    name: str
    users: int
    todos_per_user: int
    payload_bytes: int
    warmup_sessions: int
    restarts: int
    control: Plans
    session: Plans
    others: Plans
    mixes: Plans
    amounts: Mapping[str, int]
    scenarios: tuple[str, ...]
    probe_seconds: float
    sweeps: int
    sweep_seconds: float
    target_seconds: float

    def of_targets(self, *, mix: bool) -> Plans:
        """Return what is measured of services that run already and cannot be started anew.

        All that is measured after several starts of others is measured after their only one.
        """
        if mix:
            plans = dict.fromkeys((NATIVE, NOISE), self.mixes[NATIVE])
        else:
            plans = {regime: self.control[regime] for regime in (NATIVE, NOISE)}
        return {
            regime: BlockPlan(plan.observations * self.restarts, plan.amount)
            for regime, plan in plans.items()
        }

    def cases(self, scenarios: Iterable[str]) -> tuple[Case, ...]:
        """Return what is measured of these scenarios, after the control."""
        cases = _cases(CONTROL_SCENARIO, self.control)
        for name in scenarios:
            if name == CONTROL_SCENARIO:
                cases += _cases(name, self.session)
            elif SCENARIOS[name].kind == "mix":
                cases += _cases(name, self.mixes, amount=self.amounts.get(name))
            else:
                cases += _cases(name, self.others)
        return tuple(cases)


def _cases(scenario: str, plans: Plans, *, amount: int | None = None) -> list[Case]:
    return [
        Case(
            scenario=scenario,
            regime=regime,
            plan=plan if amount is None else BlockPlan(plan.observations, amount),
        )
        for regime, plan in plans.items()
    ]


# An early stop takes 10 observations: a quiet machine ends there, a noisy one measures on.
_QUICK_DELAYED = {
    "50ms-per-request": BlockPlan(16, 2),
    "50ms-per-query": BlockPlan(16, 1),
}

QUICK = Profile(
    name="quick",
    users=20,
    todos_per_user=20,
    payload_bytes=100,
    warmup_sessions=30,
    restarts=1,
    control={
        NATIVE: BlockPlan(30, 4),
        NOISE: BlockPlan(26, 4),
    },
    session={
        "db+5ms": BlockPlan(8, 3),
        "db+20ms": BlockPlan(6, 2),
        **_QUICK_DELAYED,
    },
    others={NATIVE: BlockPlan(30, 4), **_QUICK_DELAYED},
    mixes={NATIVE: BlockPlan(10, 100)},
    # Shorter than its TTL nothing expires.
    amounts={"ttl-bound": 250},
    # The others are one --scenario away; all of them would not fit into a minute.
    scenarios=("session", "mostly-reads"),
    probe_seconds=2.0,
    sweeps=0,
    sweep_seconds=1.0,
    target_seconds=60.0,
)

FULL = Profile(
    name="full",
    users=60,
    todos_per_user=20,
    payload_bytes=100,
    warmup_sessions=60,
    # Each restart is one observation of the interval; with fewer it is very wide.
    restarts=5,
    control={
        NATIVE: BlockPlan(12, 6),
        NOISE: BlockPlan(12, 6),
    },
    session={
        "db+1ms": BlockPlan(6, 3),
        "db+2ms": BlockPlan(6, 3),
        "db+5ms": BlockPlan(6, 3),
        "db+10ms": BlockPlan(6, 2),
        "db+20ms": BlockPlan(6, 2),
        "50ms-per-request": BlockPlan(8, 2),
        "50ms-per-query": BlockPlan(8, 1),
        "redis+0ms": BlockPlan(6, 3),
        "redis+0.5ms": BlockPlan(6, 3),
        "redis+1ms": BlockPlan(6, 3),
        "redis+2ms": BlockPlan(6, 3),
        "redis+5ms": BlockPlan(6, 2),
    },
    others={NATIVE: BlockPlan(4, 3), "50ms-per-request": BlockPlan(2, 1)},
    mixes={NATIVE: BlockPlan(4, 240)},
    # Writes, and finds without an index, are slow on the embedded database.
    amounts={
        "mostly-reads": 150,
        "latest": 150,
        "half-writes": 60,
        "ttl-bound": 180,
        "unindexed": 30,
    },
    scenarios=tuple(SCENARIOS),
    probe_seconds=5.0,
    sweeps=2,
    sweep_seconds=1.5,
    target_seconds=600.0,
)

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (QUICK, FULL)}

"""All checks of a run."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.analysis.checks.answers import bodies, coherence, errors, outcomes, stand_in
from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.control import controls, delay, redis_delay
from benchmarks.analysis.checks.counters import Counted, Lookups, counters
from benchmarks.analysis.checks.drift import drift
from benchmarks.analysis.checks.hits import hits
from benchmarks.analysis.checks.load import load_checks
from benchmarks.analysis.checks.machine import Use, client, machine, pace
from benchmarks.analysis.checks.measured import Measured
from benchmarks.analysis.checks.noise import HALF_WIDTHS, equal_to_itself
from benchmarks.analysis.claims.verdict import MARGIN
from benchmarks.analysis.quantities.plan import Group, Plan
from benchmarks.analysis.quantities.summary import RegimeSummary
from benchmarks.storage.records import NOISE


def judge_checks(
    plan: Plan, groups: Sequence[Group], summaries: Mapping[tuple[str, str], RegimeSummary]
) -> list[Check]:
    """Check everything that a run holds; ``summaries`` are by the groups' keys."""
    parts = {group.key: measured_of(plan, group) for group in groups}
    checks: list[Check] = []
    for group in groups:
        case = parts[group.key]
        if group.is_load:
            checks += load_checks(case, plan)
            continue
        checks += _answers(case, plan, database_ms=summaries[group.key].database_ms)
        checks += _times(case, plan)
    return [*checks, *_counted(plan), *_probed(plan)]


def measured_of(plan: Plan, group: Group) -> Measured:
    """Return a group with what the run's header says of its scenario, regime and variants."""
    variants = plan.header["variants"]
    return Measured(
        samples=group.samples,
        variants=group.variants,
        caching=frozenset(entry["name"] for entry in variants if entry["caches"]),
        ours=frozenset(plan.ours),
        ceilings=frozenset(plan.ceilings),
        changing=frozenset(group.scenario["changing"]),
        expires=any(name.endswith("TTL_SECONDS") for name in group.scenario["setting"]["env"]),
        mix=group.is_mix,
        cold=group.starts_cold,
        rate=group.scenario["rate"],
        delay_ms=group.regime["delay_ms"],
        redis_delay_ms=group.regime["redis_delay_ms"] or 0.0,
        # Runs from before scenarios could take anything else for good do not say.
        answers=frozenset(group.scenario.get("answers", [200])),
    )


def counted_of(entry: Mapping[str, Any]) -> Counted:
    """Return a record of the header as it was before it was stored."""
    parts = {name: Lookups(**entry[name]) for name in ("cold", "warm")}
    return Counted(**{**entry, **parts})


def _answers(case: Measured, plan: Plan, *, database_ms: float | None) -> Iterator[Check]:
    yield errors(case)
    yield bodies(case)
    if plan.has_reference:
        yield outcomes(case)
    if case.mix and not case.expires and plan.has_reference:
        yield hits(case)
    if case.delay_ms:
        yield delay(case, database_ms=database_ms)
    if case.redis_delay_ms:
        yield redis_delay(case)
    if not plan.redis_measures_latency:
        yield stand_in(case.scenario, case.regime)


def _times(case: Measured, plan: Plan) -> Iterator[Check]:
    if case.regime == NOISE:
        limit = HALF_WIDTHS.get(plan.header["options"]["profile"], MARGIN)
        yield from equal_to_itself(case, half_width=limit)
        yield from controls(case)
    else:
        yield drift(case)
    if case.rate:
        yield pace(case)
    used = [
        record
        for record in plan.header["system"]
        if (record["scenario"], record["regime"]) == (case.scenario, case.regime)
    ]
    if used:
        yield client(case, Use.of(used))
        yield machine(case, Use.of(used))


def _counted(plan: Plan) -> Iterator[Check]:
    found: dict[str, list[Counted]] = defaultdict(list)
    for entry in plan.header["counters"]:
        found[entry["variant"]].append(counted_of(entry))
    for variant in plan.header["variants"]:
        name, rival = variant["name"], variant["kind"] == "rival"
        if name in found and name not in plan.ceilings:
            yield counters(found[name], caches=variant["caches"], informative=rival)


def _probed(plan: Plan) -> Iterator[Check]:
    for found in plan.coherence:
        kind = plan.kinds[found.variant]
        if kind in {"reference", "ours"}:
            yield coherence(found, caches=kind == "ours")

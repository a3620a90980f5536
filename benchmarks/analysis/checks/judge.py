"""All guards of a run."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.analysis.checks.answers import bodies, coherence, errors, outcomes, stand_in
from benchmarks.analysis.checks.check import Guard
from benchmarks.analysis.checks.control import controls, delay, redis_delay
from benchmarks.analysis.checks.counted import Counted, Lookups
from benchmarks.analysis.checks.counters import counters
from benchmarks.analysis.checks.drift import drift
from benchmarks.analysis.checks.hits import hits
from benchmarks.analysis.checks.load import load_guards
from benchmarks.analysis.checks.machine import Use, client, machine, pace
from benchmarks.analysis.checks.measured import Measured
from benchmarks.analysis.checks.noise import HALF_WIDTHS, equal_to_itself
from benchmarks.analysis.claims.verdict import MARGIN
from benchmarks.analysis.quantities.plan import Group, Plan
from benchmarks.analysis.quantities.summary import RegimeSummary
from benchmarks.storage.records import NOISE


def judge_guards(
    plan: Plan, groups: Sequence[Group], summaries: Mapping[tuple[str, str], RegimeSummary]
) -> list[Guard]:
    """Check everything that a run holds; ``summaries`` are by the groups' keys."""
    parts = {group.key: measured_of(plan, group) for group in groups}
    guards: list[Guard] = []
    for group in groups:
        part = parts[group.key]
        if group.is_load:
            guards += load_guards(part, plan)
            continue
        guards += _answers(part, plan, database_ms=summaries[group.key].database_ms)
        guards += _times(part, plan)
    return [*guards, *_counted(plan), *_probed(plan)]


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


def _answers(part: Measured, plan: Plan, *, database_ms: float | None) -> Iterator[Guard]:
    yield errors(part)
    yield bodies(part)
    if plan.has_reference:
        yield outcomes(part)
    if part.mix and not part.expires and plan.has_reference:
        yield hits(part)
    if part.delay_ms:
        yield delay(part, database_ms=database_ms)
    if part.redis_delay_ms:
        yield redis_delay(part)
    if not plan.redis_measures_latency:
        yield stand_in(part.scenario, part.regime)


def _times(part: Measured, plan: Plan) -> Iterator[Guard]:
    if part.regime == NOISE:
        limit = HALF_WIDTHS.get(plan.header["options"]["profile"], MARGIN)
        yield from equal_to_itself(part, half_width=limit)
        yield from controls(part)
    else:
        yield drift(part)
    if part.rate:
        yield pace(part)
    used = [
        record
        for record in plan.header["system"]
        if (record["scenario"], record["regime"]) == (part.scenario, part.regime)
    ]
    if used:
        yield client(part, Use.of(used))
        yield machine(part, Use.of(used))


def _counted(plan: Plan) -> Iterator[Guard]:
    found: dict[str, list[Counted]] = defaultdict(list)
    for entry in plan.header["counters"]:
        found[entry["variant"]].append(counted_of(entry))
    for variant in plan.header["variants"]:
        name, rival = variant["name"], variant["kind"] == "rival"
        if name in found and name not in plan.ceilings:
            yield counters(found[name], caches=variant["caches"], informative=rival)


def _probed(plan: Plan) -> Iterator[Guard]:
    for found in plan.coherence:
        kind = plan.kinds[found.variant]
        if kind in {"reference", "ours"}:
            yield coherence(found, caches=kind == "ours")

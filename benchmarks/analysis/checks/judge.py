"""All checks of a run."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from benchmarks.analysis.checks.answers import (
    bodies,
    coherence,
    errors,
    hits,
    outcomes,
    redis_errors,
    stand_in,
)
from benchmarks.analysis.checks.check import ANY_GOOD, Check, Measured
from benchmarks.analysis.checks.control import controls, delay, redis_delay
from benchmarks.analysis.checks.counters import counters
from benchmarks.analysis.checks.machine import client, load_pace, machine, mean_use, pace
from benchmarks.analysis.checks.steadiness import drift, noise
from benchmarks.analysis.header import MeasuredScenario
from benchmarks.analysis.quantities.plan import Group, Plan
from benchmarks.analysis.quantities.summary import RegimeSummary
from benchmarks.storage.records import NOISE, CaseUse, Counted

_CLIENT = "the client is what was measured: free the machine, or measure fewer requests per second"
_LOCUST = (
    "Locust itself is what was measured: fewer users, a lower rate, or more --processes where "
    "there are CPUs for them"
)


def judge_checks(
    plan: Plan, groups: Sequence[Group], summaries: Mapping[tuple[str, str], RegimeSummary]
) -> list[Check]:
    """Check everything that a run holds; ``summaries`` are by the groups' keys."""
    parts = {group.key: measured_of(plan, group) for group in groups}
    checks: list[Check] = []
    for group in groups:
        case = parts[group.key]
        if group.is_load:
            checks += _load(case, plan)
            continue
        checks += _answers(case, plan, database_ms=summaries[group.key].database_ms)
        checks += _times(case, plan)
    return [*checks, *_counted(plan), *_probed(plan)]


def measured_of(plan: Plan, group: Group) -> Measured:
    """Return a group with what the run's header says of its scenario, regime and variants."""
    header = plan.header
    return Measured(
        samples=group.samples,
        variants=group.variants,
        caching=frozenset(each.name for each in header.variants if each.caches),
        ours=frozenset(plan.ours),
        ceilings=frozenset(plan.ceilings),
        changing=frozenset(group.scenario.changing),
        expires=any(name.endswith("TTL_SECONDS") for name in group.scenario.setting.env),
        mix=group.is_mix,
        cold=group.starts_cold,
        rate=group.scenario.rate,
        delay_ms=group.regime.delay_ms,
        redis_delay_ms=group.regime.redis_delay_ms or 0.0,
        answers=_good_answers(group.scenario),
        foreign=plan.is_foreign,
        differences=header.differences or (),
        bodies_compared=header.options.bodies_compared is not False,
    )


def _good_answers(scenario: MeasuredScenario) -> frozenset[int]:
    # Runs from before scenarios could take anything else for good do not say.
    named = frozenset({200} if scenario.answers is None else scenario.answers)
    return named | ANY_GOOD if scenario.any_answer else named


def _answers(case: Measured, plan: Plan, *, database_ms: float | None) -> Iterator[Check]:
    yield errors(case)
    yield bodies(case)
    if not plan.is_foreign:
        yield outcomes(case)
    if case.mix and not case.expires and not plan.is_foreign:
        yield hits(case)
    if case.delay_ms:
        yield delay(case, database_ms=database_ms)
    if case.redis_delay_ms:
        yield redis_delay(case)
    if not plan.header.environment.redis_measures_latency:
        yield stand_in(case.scenario, case.regime)


def _times(case: Measured, plan: Plan) -> Iterator[Check]:
    if case.regime == NOISE:
        yield from noise(case)
        yield from controls(case)
    else:
        yield drift(case)
    if case.rate:
        yield pace(case)
    used = _use(case, plan)
    if used:
        yield client(case, {"the client": mean_use(used, "client_cores")}, advice=_CLIENT)
        yield machine(case, used)


def _load(case: Measured, plan: Plan) -> Iterator[Check]:
    """Check a case in which many users shared the services.

    What one of them meets depends on the others: bodies are compared where nothing is written, hits
    with no ideal cache.
    """
    load = plan.header.load
    if load is None:
        raise LookupError("nothing says what drove the load")
    yield errors(case, load.failures)
    good = [sample for sample in case.samples if sample.status in case.answers]
    if good:
        answered = replace(case, samples=good, mix=True)
        yield outcomes(answered)
        yield redis_errors(answered)
        if case.mix and not case.changes and not plan.header.environment.is_foreign:
            yield bodies(answered)
    if not plan.header.environment.redis_measures_latency:
        yield stand_in(case.scenario, case.regime)
    yield from noise(case)
    yield drift(case)
    if load.rate:
        yield load_pace(case, rate=load.rate)
    yield client(case, load.cores, advice=_LOCUST)
    used = _use(case, plan)
    if used:
        yield machine(case, used, pressure=1.0)


def _use(case: Measured, plan: Plan) -> list[CaseUse]:
    return [
        record
        for record in plan.header.system
        if (record.scenario, record.regime) == (case.scenario, case.regime)
    ]


def _counted(plan: Plan) -> Iterator[Check]:
    found: dict[str, list[Counted]] = defaultdict(list)
    for each in plan.header.counters:
        found[each.variant].append(each)
    for variant in plan.header.variants:
        if variant.name in found and variant.kind not in {"ceiling", "rival"}:
            yield counters(found[variant.name], caches=variant.caches)


def _probed(plan: Plan) -> Iterator[Check]:
    for found in plan.header.coherence:
        kind = plan.kinds[found.variant]
        if kind in {"reference", "ours"}:
            yield coherence(found, caches=kind == "ours")

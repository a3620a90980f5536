"""All checks of a run."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.analysis.checks.answers import (
    bodies,
    coherence,
    errors,
    hits,
    outcomes,
    stand_in,
)
from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.control import controls, delay, redis_delay
from benchmarks.analysis.checks.counters import counters
from benchmarks.analysis.checks.machine import client, load_pace, machine, mean_use, pace
from benchmarks.analysis.checks.steadiness import drift, noise
from benchmarks.analysis.header import Header
from benchmarks.analysis.quantities.groups import Group
from benchmarks.storage.records import CaseUse, Counted

_CLIENT = "the client is what was measured: free the machine, or measure fewer requests per second"
_LOCUST = (
    "Locust itself is what was measured: fewer users, a lower rate, or more --processes where "
    "there are CPUs for them"
)


def judge_checks(header: Header, groups: Sequence[Group]) -> list[Check]:
    """Check everything that a run holds."""
    checks: list[Check] = []
    for group in groups:
        checks += _load(group) if group.is_load else [*_answers(group), *_times(group)]
    return [*checks, *_counted(header), *_probed(header)]


def _answers(case: Group) -> Iterator[Check]:
    yield errors(case)
    yield bodies(case)
    if not case.is_foreign:
        yield outcomes(case)
    if case.is_mix and not case.scenario.expires and not case.is_foreign:
        yield hits(case)
    if case.regime.delay_ms:
        yield delay(case)
    if case.regime.redis_delay_ms:
        yield redis_delay(case)
    if not case.header.environment.redis_measures_latency:
        yield stand_in(*case.key)


def _times(case: Group) -> Iterator[Check]:
    if case.is_noise:
        yield from noise(case)
        yield from controls(case)
    else:
        yield drift(case)
    if case.scenario.rate:
        yield pace(case)
    used = _use(case)
    if used:
        yield client(case, {"the client": mean_use(used, "client_cores")}, advice=_CLIENT)
        yield machine(case, used)


def _load(case: Group) -> Iterator[Check]:
    """Check a case in which many users shared the services.

    What one of them meets depends on the others: bodies are compared where nothing is written, hits
    with no ideal cache.
    """
    load = case.header.load
    if load is None:
        raise LookupError("nothing says what drove the load")
    yield errors(case, load.failures)
    good = [sample for sample in case.samples if sample.status in case.scenario.good_answers]
    if good:
        answered = replace(case, samples=good)
        yield outcomes(answered)
        if case.is_mix and not case.changes and not case.is_foreign:
            yield bodies(answered)
    if not case.header.environment.redis_measures_latency:
        yield stand_in(*case.key)
    yield from noise(case)
    yield drift(case)
    if load.rate:
        yield load_pace(case, rate=load.rate)
    yield client(case, load.cores, advice=_LOCUST)
    used = _use(case)
    if used:
        yield machine(case, used, pressure=1.0)


def _use(case: Group) -> list[CaseUse]:
    return [each for each in case.header.system if (each.scenario, each.regime) == case.key]


def _counted(header: Header) -> Iterator[Check]:
    found: dict[str, list[Counted]] = defaultdict(list)
    for each in header.counters:
        found[each.variant].append(each)
    for variant in header.variants:
        if variant.name in found and variant.kind not in {"ceiling", "rival"}:
            yield counters(found[variant.name], caches=variant.caches)


def _probed(header: Header) -> Iterator[Check]:
    for found in header.coherence:
        kind = header.kinds[found.variant]
        if kind in {"reference", "ours"}:
            yield coherence(found, caches=kind == "ours")

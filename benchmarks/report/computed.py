"""The parts of the results, each computed from the samples and the header of a run."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.claims.claim import CLAIMS, MARGIN, SEED_MODEL, SEED_READS, Claim
from benchmarks.analysis.claims.verdict import CONFIDENCE
from benchmarks.analysis.findings import Finding, judge_claims
from benchmarks.analysis.model.cost import (
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
)
from benchmarks.analysis.model.fit import CannotFit, Fit, Source, fit
from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.model.residuals import residuals
from benchmarks.analysis.quantities.blocks import session_totals_s
from benchmarks.analysis.quantities.capacity import by_connections, summarise_sweep
from benchmarks.analysis.quantities.endpoints import endpoints
from benchmarks.analysis.quantities.estimates import hit_paths, overheads
from benchmarks.analysis.quantities.noise import against_itself, widening
from benchmarks.analysis.quantities.open_loop import (
    by_rate,
    compare_rates,
    highest_stable,
    judge_rates,
)
from benchmarks.analysis.quantities.plan import Group, Plan, responses
from benchmarks.analysis.quantities.series import series
from benchmarks.analysis.quantities.summary import RegimeSummary, case_costs, summarise
from benchmarks.analysis.quantities.workloads import workloads
from benchmarks.report.results import LOAD_KEY
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.records import NATIVE, RateStep, Sample, SweepStep

Entries = list[dict[str, Any]]
READS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20)
WANTED = 5.0
"""The speedup that the starting document promises."""
FAST_MS = 0.5
"""What a read waits for a fast database on the same machine."""
_SESSION = "session"
_LIKELY = 0.8
"""The hit ratio of the starting document's five reads."""


def everything(header: Mapping[str, Any], samples: Sequence[Sample]) -> dict[str, Any]:
    """Return all that is computed of a run, or of as much of it as was measured."""
    plan = Plan(header)
    samples = responses(samples)
    groups = plan.groups(samples)
    summaries = {group.key: summarise(group) for group in groups}
    checks = judge_checks(plan, groups, summaries)
    noise = [
        each
        for group in groups
        if group.is_noise or group.is_load
        for each in against_itself(group.samples)
    ]
    measured = [group for group in groups if not group.is_noise]
    return {
        "arithmetic": arithmetic(),
        "blocks": blocks(samples),
        "summaries": [summary(group, summaries[group.key], plan) for group in measured],
        "noise": [asdict(each) for each in noise],
        "widening": widening(noise),
        "checks": [asdict(check) for check in checks],
        "workloads": mixes(plan, groups),
        "models": models(plan, groups),
        "open_loop": open_loop(plan),
        "capacity": capacity(plan),
        "series": series(groups),
        "verdicts": [
            verdict(finding)
            for group in measured
            for finding in _findings(plan, group, summaries[group.key], checks)
        ],
    } | ({"answers": answers(samples)} if LOAD_KEY in header else {})


def arithmetic() -> dict[str, Any]:
    """Return the starting document's own sum, worked out."""
    return {
        "claims": {claim.name: asdict(claim) for claim in CLAIMS.values()},
        "margin": MARGIN,
        "reads": SEED_READS,
        "uncached_ms": SEED_MODEL.uncached_total_ms(SEED_READS),
        "cached_ms": SEED_MODEL.cached_total_ms(SEED_READS),
        "speedup_by_reads": {
            str(reads): SEED_MODEL.speedup(reads) for reads in (1, SEED_READS, SEED_READS + 1, 10)
        },
        "limit": SEED_MODEL.limit,
        "reads_needed_for_5x": SEED_MODEL.reads_needed(WANTED),
    }


def blocks(samples: Sequence[Sample]) -> Entries:
    """Return what each block was and took."""
    groups: dict[tuple[str, str, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.scenario, sample.regime, sample.block].append(sample)
    return [_block(group) for group in groups.values()]


def answers(samples: Sequence[Sample]) -> Entries:
    """Return how often each variant answered what with which status."""
    seen = Counter((sample.variant, sample.action, sample.status) for sample in samples)
    return [
        {"variant": variant, "action": action, "status": status, "requests": requests}
        for (variant, action, status), requests in sorted(seen.items())
    ]


def summary(group: Group, found: RegimeSummary, plan: Plan) -> dict[str, Any]:
    """Return the figures of a case, with its hit path and what the cache costs."""
    entry = asdict(found) | {"kind": group.scenario["kind"], "widenings": dict(group.widenings)}
    for variant in entry["variants"]:
        costs = case_costs(found, variant["variant"])
        variant["costs"] = asdict(costs) if costs else None
    if group.is_load and not plan.claims:
        # Who is refused on purpose is answered fast: no speedup.
        entry["ratios"] = ()
    if plan.is_foreign:
        entry["endpoints"] = [asdict(each) for each in endpoints(group)]
    if group.is_mix or group.is_load or plan.is_foreign:
        return entry | {"hit_paths": [], "overheads": []}
    ceiling = next((each for each in group.variants if each in plan.ceilings), None)
    services = [name for name in group.variants if name not in plan.ceilings]
    return entry | {
        "hit_paths": [asdict(path) for path in hit_paths(group, ceiling=ceiling)],
        "overheads": [asdict(overhead) for overhead in overheads(group, services)],
    }


def mixes(plan: Plan, groups: Sequence[Group]) -> Entries:
    """Return what each variant does in each mix."""
    return [
        asdict(workload)
        for group in groups
        if group.is_mix and not group.is_load and group.scenario["name"] in SCENARIOS
        for workload in workloads(
            group,
            scenario=SCENARIOS[group.scenario["name"]],
            users=plan.header["options"]["users"],
            caching=plan.ours,
        )
    ]


def models(plan: Plan, groups: Sequence[Group]) -> Entries:
    """Return the cost model of each of ours, what it says, and how it agrees with the rest.

    A variant whose samples hold too little for a model is left out.
    """
    samples = [sample for group in groups if not group.is_noise for sample in group.samples]
    redis_ms = {name: entry["redis_delay_ms"] or 0.0 for name, entry in plan.regimes.items()}
    found = []
    for variant in plan.ours:
        source = Source(variant=variant, reference=plan.reference, scenario=_SESSION, regime=NATIVE)
        try:
            fitted = fit(samples, source)
        except CannotFit:
            continue
        found.append(_model(fitted, samples, redis_ms=redis_ms))
    return found


def open_loop(plan: Plan) -> dict[str, Any]:
    """Return which rates each variant sustained, and how they compare where both did."""
    steps = by_rate(RateStep(**entry) for entry in plan.header["rates"])
    points = judge_rates(steps)
    names = list(dict.fromkeys(name for name, _ in points))
    return {
        "points": [asdict(point) for point in points.values()],
        "highest_sustained": {name: highest_stable(points, name) for name in names},
        "comparisons": [
            asdict(comparison)
            for name in names
            if name != plan.reference
            for comparison in compare_rates(steps, points, reference=plan.reference, variant=name)
        ],
    }


def capacity(plan: Plan) -> Entries:
    """Return what each variant answered per second at each number of connections."""
    steps = by_connections(SweepStep(**entry) for entry in plan.header["steps"])
    names = [name for name in plan.variants if any(name == each for each, _ in steps)]
    ceiling = next((name for name in names if name in plan.ceilings), None)
    return [asdict(point) for point in summarise_sweep(steps, variants=names, ceiling=ceiling)]


def claims_of(plan: Plan, group: Group) -> list[Claim]:
    """Return what is claimed of a case."""
    # The starting document is about one user who meets an empty cache.
    stated = CLAIMS.values() if plan.has_reference and not group.is_load else ()
    return [*stated, *plan.claims]


def _findings(
    plan: Plan, group: Group, found: RegimeSummary, checks: Sequence[Check]
) -> Sequence[Finding]:
    # Those of the group, and those of the whole run, which name no scenario.
    of_group = [
        check
        for check in checks
        if not check.scenario or (check.scenario, check.regime) == group.key
    ]
    return judge_claims(group, found, of_group, plan=plan, claims=claims_of(plan, group))


def verdict(finding: Finding) -> dict[str, Any]:
    """Return a claim with what was found of it."""
    entry = asdict(finding)
    decided = entry.pop("verdict")
    return entry | {
        "confidence": CONFIDENCE,
        "verdict": decided["decision"],
        "qualifier": decided["qualifier"],
    }


def _block(samples: Sequence[Sample]) -> dict[str, Any]:
    first = samples[0]
    totals_s = session_totals_s(samples).values()
    return {
        "scenario": first.scenario,
        "regime": first.regime,
        "block": first.block,
        "observation": first.observation,
        "variant": first.variant,
        "start_s": first.start_s,
        "sessions": len(totals_s),
        "session_mean_ms": statistics.fmean(totals_s) * MS_PER_S,
        "outcomes": dict(Counter(sample.outcome for sample in samples)),
    }


def _model(
    fitted: Fit, samples: Sequence[Sample], *, redis_ms: Mapping[str, float]
) -> dict[str, Any]:
    model = fitted.model
    return {
        "variant": fitted.source.variant,
        "reference": fitted.source.reference,
        "fit": asdict(fitted),
        "wanted": WANTED,
        "speedup_by_reads": {str(reads): model.speedup(reads) for reads in READS},
        "limit": model.limit if math.isfinite(model.limit) else None,
        "reads_needed": model.reads_needed(WANTED),
        "break_even_hit_ratio": break_even_hit_ratio(model),
        "break_even_database_ms": break_even_database_ms(model, _LIKELY),
        "hit_ratio_needed": hit_ratio_needed(model, WANTED),
        "least_database_ms": least_database_ms(model, WANTED),
        "fast_database": {
            "wait_ms": FAST_MS,
            "reads": SEED_READS,
            "speedup": fitted.at(FAST_MS).speedup(SEED_READS),
        },
        "residuals": [
            asdict(each) | {"error": each.error, "flagged": each.flagged}
            for each in residuals(fitted, samples, redis_ms=redis_ms)
        ],
    }

"""Parts of the results that are computed from more than one group of samples."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.model.break_even import (
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
)
from benchmarks.analysis.model.fit import CannotFit, Fit, Source, fit
from benchmarks.analysis.model.residuals import residuals
from benchmarks.analysis.quantities.open_loop import compare_rates, highest_stable, judge_rates
from benchmarks.analysis.quantities.plan import Group, Plan
from benchmarks.analysis.quantities.rate_step import RateStep, by_rate
from benchmarks.analysis.quantities.workloads import workloads
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.records import NATIVE, Sample

Entries = list[dict[str, Any]]
READS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20)
WANTED = 5.0
"""The speedup that the starting document promises."""
_SESSION = "session"
_LIKELY = 0.8
"""The hit ratio of the starting document's five reads."""


def mixes(plan: Plan, groups: Sequence[Group]) -> Entries:
    """Return what each variant does in each mix."""
    return [
        asdict(workload)
        for group in groups
        if group.is_mix and not group.is_load and group.scenario["name"] in SCENARIOS
        for workload in workloads(
            group.samples,
            scenario=SCENARIOS[group.scenario["name"]],
            users=plan.header["options"]["users"],
            variants=group.variants,
            caching=plan.ours,
        )
    ]


def models(plan: Plan, groups: Sequence[Group]) -> Entries:
    """Return the cost model of each of ours, what it says, and how it agrees with the rest.

    A variant whose samples hold too little for a model is left out.
    """
    samples = [sample for group in groups if not group.is_noise for sample in group.samples]
    found = []
    for variant in plan.ours:
        source = Source(variant=variant, reference=plan.reference, scenario=_SESSION, regime=NATIVE)
        try:
            fitted = fit(samples, source)
        except CannotFit:
            continue
        found.append(_model(fitted, samples, redis_ms=_redis_ms(plan)))
    return found


def open_loop(plan: Plan) -> dict[str, Any]:
    """Return which rates each variant sustained, and how they compare where both did."""
    steps = by_rate(RateStep(**entry) for entry in plan.header["rates"])
    levels = judge_rates(steps)
    names = list(dict.fromkeys(name for name, _ in levels))
    return {
        "rungs": [asdict(level) for level in levels.values()],
        "highest_stable": {name: highest_stable(levels, name) for name in names},
        "comparisons": [
            asdict(comparison)
            for name in names
            if name != plan.reference
            for comparison in compare_rates(steps, levels, reference=plan.reference, variant=name)
        ],
    }


def _redis_ms(plan: Plan) -> dict[str, float]:
    return {name: entry["redis_delay_ms"] or 0.0 for name, entry in plan.regimes.items()}


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
        "limit": _finite(model.limit),
        "reads_needed": model.reads_needed(WANTED),
        "break_even_hit_ratio": break_even_hit_ratio(model),
        "break_even_database_ms": break_even_database_ms(model, _LIKELY),
        "hit_ratio_needed": hit_ratio_needed(model, WANTED),
        "least_database_ms": least_database_ms(model, WANTED),
        "residuals": [
            asdict(each) | {"error": each.error, "flagged": each.flagged}
            for each in residuals(fitted, samples, redis_ms=redis_ms)
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

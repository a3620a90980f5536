"""``results.json``: everything a report says, computed from the raw samples and the run's header.

The same samples and header give the same bytes: keys are sorted, floats have six digits.
"""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.claims import CLAIMS, SEED_MODEL, SEED_READS
from benchmarks.analysis.findings import Finding, judge_claims, measured_model
from benchmarks.analysis.guards import Guard, coherence, judge_guards
from benchmarks.analysis.hitpath import hit_paths
from benchmarks.analysis.price import prices
from benchmarks.analysis.summary import (
    RegimeSummary,
    complete_observations,
    session_totals_s,
    summarise,
)
from benchmarks.analysis.verdict import CONFIDENCE, MARGIN
from benchmarks.records import Coherence, Sample

SCHEMA = "fivefold.results/2"
HEADER = (
    "schema",
    "state",
    "reason",
    "environment",
    "options",
    "variants",
    "scenarios",
    "regimes",
    "coherence",
)
"""The part that is not computed: what the run was, and how it ended."""

Results = dict[str, Any]
_SIGNIFICANT_DIGITS = 6


class ResultsUnreadable(Exception):
    """The text is no results file of this program, or of another version of it."""


def assemble(header: Mapping[str, Any], samples: Sequence[Sample]) -> Results:
    """Compute the results of a run, or of as much of it as was measured."""
    plan = _Plan(header)
    probed = [
        coherence(found, caches=plan.kinds[found.variant] == "ours")
        for found in plan.coherence
        if plan.kinds[found.variant] in {"reference", "ours"}
    ]
    summaries, guards, findings = [], [], []
    for group in _by_scenario_and_regime(samples, plan):
        name = group[0].scenario
        variants, cold = plan.variants_of(name), plan.starts_cold(name)
        summary = summarise(group, variants=variants)
        own = judge_guards(
            group,
            summary,
            delay_ms=plan.delays_ms[summary.regime],
            cold=cold,
            ceilings=plan.ceilings,
            redis_measures_latency=plan.redis_measures_latency,
        )
        ceiling = next((each for each in variants if each in plan.ceilings), None)
        paths = hit_paths(group, variants=variants, ceiling=ceiling, cold=cold)
        ours = [name for name in variants if name not in plan.ceilings]
        paid = prices(group, variants=ours, cold=cold)
        summaries.append(
            _summary(summary)
            | {
                "hit_paths": [asdict(path) for path in paths],
                "prices": [asdict(price) for price in paid],
            }
        )
        guards += own
        findings += judge_claims(summary, [*own, *probed], ceilings=plan.ceilings)
    results: Results = {key: header[key] for key in HEADER}
    results["arithmetic"] = _arithmetic()
    results["blocks"] = _blocks(samples)
    results["summaries"] = summaries
    results["guards"] = [_guard(guard) for guard in [*guards, *probed]]
    results["verdicts"] = [_verdict(finding) for finding in findings]
    return {key: rounded(value) for key, value in results.items()}


def to_json(results: Results) -> str:
    """Return the text of ``results.json``."""
    return json.dumps(results, indent=2, sort_keys=True, allow_nan=False) + "\n"


def from_json(text: str) -> Results:
    """Return the results in a text; raises ``ResultsUnreadable``."""
    return parsed(text, SCHEMA, HEADER)


def parsed(text: str, schema: str, keys: Iterable[str]) -> Results:
    """Return the results in a text of one schema; raises ``ResultsUnreadable``."""
    try:
        results = json.loads(text)
    except ValueError as error:
        raise ResultsUnreadable(f"not JSON: {error}") from error
    if not isinstance(results, dict) or results.get("schema") != schema:
        raise ResultsUnreadable(f"its schema is not {schema}")
    missing = [key for key in keys if key not in results]
    if missing:
        raise ResultsUnreadable(f"it lacks {', '.join(missing)}")
    return results


def failed_guards(results: Results) -> list[Mapping[str, Any]]:
    """Return the guards that failed."""
    return [guard for guard in results["guards"] if not guard["passed"]]


class _Plan:
    """What the header says about how the samples are to be read."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.kinds = {entry["name"]: entry["kind"] for entry in header["variants"]}
        redis = header["environment"]["redis"]
        self._scenarios = {entry["name"]: entry for entry in header["scenarios"]}
        self.variants = list(self.kinds)
        self.ceilings = {name for name, kind in self.kinds.items() if kind == "ceiling"}
        self.coherence = [Coherence(**entry) for entry in header["coherence"]]
        self.delays_ms = {regime["name"]: regime["delay_ms"] for regime in header["regimes"]}
        self.redis_measures_latency = redis is None or redis["measures_latency"]

    def variants_of(self, scenario: str) -> list[str]:
        if not self._scenarios[scenario]["changes"]:
            return self.variants
        return [name for name in self.variants if name not in self.ceilings]

    def starts_cold(self, scenario: str) -> bool:
        return bool(self._scenarios[scenario]["primed"] == "never")


def _by_scenario_and_regime(samples: Sequence[Sample], plan: _Plan) -> list[list[Sample]]:
    groups: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.scenario, sample.regime].append(sample)
    complete = (
        complete_observations(group, plan.variants_of(scenario))
        for (scenario, _), group in groups.items()
    )
    return [group for group in complete if group]


def _arithmetic() -> dict[str, Any]:
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
        "reads_needed_for_5x": SEED_MODEL.reads_needed(5.0),
    }


def _blocks(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.scenario, sample.regime, sample.block].append(sample)
    return [_block(group) for group in groups.values()]


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
        "session_mean_ms": statistics.fmean(totals_s) * 1000,
        "outcomes": dict(Counter(sample.outcome for sample in samples)),
    }


def _summary(summary: RegimeSummary) -> dict[str, Any]:
    entry = asdict(summary)
    for variant in entry["variants"]:
        model = (
            measured_model(summary, variant["variant"])
            if variant["variant"] != summary.reference
            else None
        )
        variant["reads_needed_for_5x"] = model.reads_needed(5.0) if model else None
    return entry


def _guard(guard: Guard) -> dict[str, Any]:
    return asdict(guard)


def _verdict(finding: Finding) -> dict[str, Any]:
    entry = asdict(finding)
    verdict = entry.pop("verdict")
    return entry | {
        "confidence": CONFIDENCE,
        "verdict": verdict["decision"],
        "qualifier": verdict["qualifier"],
    }


def rounded(value: object) -> object:
    """Return plain data with every float cut to digits that mean something."""
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT_DIGITS}g}")
    if isinstance(value, Mapping):
        # Sorted, as they will be read back: what is rendered must not depend on that.
        return {key: rounded(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value

"""``results.json``: everything a report says, computed from the raw samples and the run's header.

The same samples and header give the same bytes: keys are sorted, floats have six digits.
"""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.checks import Check, judge_checks, noise
from benchmarks.analysis.claims.claim import CLAIMS, SEED_MODEL, SEED_READS, Claim
from benchmarks.analysis.claims.verdict import CONFIDENCE, MARGIN
from benchmarks.analysis.findings import Finding, judge_claims, measured_model
from benchmarks.analysis.quantities.hitpath import hit_paths
from benchmarks.analysis.quantities.overhead import overheads
from benchmarks.analysis.quantities.plan import Group, Plan, responses
from benchmarks.analysis.quantities.series import series
from benchmarks.analysis.quantities.summary import RegimeSummary, session_totals_s, summarise
from benchmarks.report.computed import mixes, models, open_loop
from benchmarks.storage.records import Sample

SCHEMA = "fivefold.results/3"
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
    "counters",
    "system",
    "rates",
    "steps",
)
"""The part that is not computed: what the run was, and how it ended."""
LOAD_KEY = "load"
"""One more such part, of runs with many users at a time: what drove them."""

Results = dict[str, Any]
_SIGNIFICANT_DIGITS = 6


class ResultsUnreadable(Exception):
    """The text is no results file of this program, or of another version of it."""


def empty(header: Mapping[str, Any]) -> Results:
    """Return what is known of a run before anything is computed of it."""
    return {key: rounded(header[key]) for key in _header_keys(header)}


def assemble(header: Mapping[str, Any], samples: Sequence[Sample]) -> Results:
    """Compute the results of a run, or of as much of it as was measured."""
    plan = Plan(header)
    samples = responses(samples)
    groups = plan.groups(samples)
    summaries = {group.key: summarise(group.samples, variants=group.variants) for group in groups}
    checks = judge_checks(plan, groups, summaries)
    results: Results = {key: header[key] for key in _header_keys(header)}
    results["arithmetic"] = _arithmetic()
    results["blocks"] = _blocks(samples)
    if LOAD_KEY in header:
        results["answers"] = _answers(samples)
    results["summaries"] = [
        _summary(group, summaries[group.key], plan) for group in groups if not group.is_noise
    ]
    results["noise"] = [
        asdict(each)
        for group in groups
        if group.is_noise or group.is_load
        for each in noise(group.samples)
    ]
    results["guards"] = [asdict(check) for check in checks]
    results["workloads"] = mixes(plan, groups)
    results["models"] = models(plan, groups)
    results["open_loop"] = open_loop(plan)
    results["series"] = series(groups)
    results["verdicts"] = [
        _verdict(finding)
        for group in groups
        if not group.is_noise
        for finding in judge_claims(
            group,
            summaries[group.key],
            relevant(checks, group),
            plan=plan,
            claims=_claims(plan, group),
        )
    ]
    return {key: rounded(value) for key, value in results.items()}


def relevant(checks: Sequence[Check], group: Group) -> list[Check]:
    """Return the checks of a group and those of the whole run, which name no scenario."""
    return [
        check
        for check in checks
        if not check.scenario or (check.scenario, check.regime) == group.key
    ]


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
    """Return the checks that failed."""
    return [check for check in results["guards"] if not check["passed"]]


def _header_keys(header: Mapping[str, Any]) -> list[str]:
    return [*HEADER, *(key for key in (LOAD_KEY,) if key in header)]


def _claims(plan: Plan, group: Group) -> list[Claim]:
    # The starting document is about one user who meets an empty cache.
    stated = CLAIMS.values() if plan.has_reference and not group.is_load else ()
    return [*stated, *plan.claims]


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


def _answers(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    seen = Counter((sample.variant, sample.action, sample.status) for sample in samples)
    return [
        {"variant": variant, "action": action, "status": status, "requests": requests}
        for (variant, action, status), requests in sorted(seen.items())
    ]


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


def _summary(group: Group, summary: RegimeSummary, plan: Plan) -> dict[str, Any]:
    entry = asdict(summary) | {"kind": group.scenario["kind"]}
    for variant in entry["variants"]:
        model = (
            measured_model(summary, variant["variant"])
            if variant["variant"] != summary.reference
            else None
        )
        variant["reads_needed_for_5x"] = model.reads_needed(5.0) if model else None
    if group.is_load and not plan.claims:
        # Who is refused on purpose is answered fast: no speedup.
        entry["ratios"] = ()
    if group.is_mix or group.is_load:
        return entry | {"hit_paths": [], "prices": []}
    ceiling = next((each for each in group.variants if each in plan.ceilings), None)
    cold, ours = group.starts_cold, [n for n in group.variants if n not in plan.ceilings]
    paths = hit_paths(group.samples, variants=group.variants, ceiling=ceiling, cold=cold)
    paid = overheads(group.samples, variants=ours, cold=cold)
    return entry | {
        "hit_paths": [asdict(path) for path in paths],
        "prices": [asdict(overhead) for overhead in paid],
    }


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

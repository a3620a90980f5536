"""``results.json`` of a load sweep: computed from its steps and its header."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.checks.sweep import client, judge_steps
from benchmarks.analysis.quantities.capacity import by_connections, summarise_sweep
from benchmarks.analysis.quantities.targets import judge_targets
from benchmarks.report.results import Results, parsed, rounded
from benchmarks.storage.records import SweepStep

SCHEMA = "fivefold.capacity/1"
HEADER = ("schema", "state", "reason", "environment", "options", "variants")
"""The part that is not computed: what the run was, and how it ended."""


def assemble_sweep(header: Mapping[str, Any], steps: Sequence[SweepStep]) -> Results:
    """Compute the results of a sweep, or of as much of it as was measured."""
    kinds = {entry["name"]: entry["kind"] for entry in header["variants"]}
    redis = header["environment"]["redis"]
    levels = by_connections(steps)
    uncached = {entry["name"] for entry in header["variants"] if not entry["caches"]}
    checks = judge_steps(
        steps,
        uncached=uncached,
        redis_measures_latency=redis is None or redis["measures_latency"],
    )
    # Whether the steps behind a target hit is looked at for each of them.
    failed = [check.name for check in checks if check.wrong and check.name != "hits"]
    findings = judge_targets(levels, uncached=uncached, failed=failed)
    measured = [each.target for each in findings if each.decision != "not measured"]
    results: Results = {key: header[key] for key in HEADER}
    results["steps"] = [asdict(step) | {"rate": step.rate} for step in steps]
    results["points"] = [
        asdict(level)
        for level in summarise_sweep(
            levels,
            variants=list(kinds),
            ceiling=next((name for name, kind in kinds.items() if kind == "ceiling"), None),
        )
    ]
    results["checks"] = [asdict(check) for check in [*checks, client(steps, measured)]]
    results["targets"] = [asdict(finding) for finding in findings]
    return {key: rounded(value) for key, value in results.items()}


def sweep_from_json(text: str) -> Results:
    """Return the results in a text; raises ``ResultsUnreadable``."""
    return parsed(text, [SCHEMA], HEADER)

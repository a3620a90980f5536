"""``results.json``: everything a report says, computed from the raw samples and the run's header.

The same samples and header give the same bytes: keys are sorted, floats have six digits.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.findings import judge_claims
from benchmarks.analysis.quantities.noise import against_itself, widening
from benchmarks.analysis.quantities.plan import Group, Plan, responses
from benchmarks.analysis.quantities.series import series
from benchmarks.analysis.quantities.summary import summarise
from benchmarks.report import computed
from benchmarks.storage.records import Sample
from benchmarks.storage.run_folder import Run

SCHEMA = "fivefold.results/4"
EARLIER = "fivefold.results/3"
"""Of runs whose results are computed again whenever they are read."""
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
_RENAMED = {"climbs": "sweeps", "climb_seconds": "sweep_seconds"}


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
    summaries = {group.key: summarise(group) for group in groups}
    checks = judge_checks(plan, groups, summaries)
    noise = [
        each
        for group in groups
        if group.is_noise or group.is_load
        for each in against_itself(group.samples)
    ]
    results: Results = {key: header[key] for key in _header_keys(header)}
    results |= {
        "schema": SCHEMA,
        "arithmetic": computed.arithmetic(),
        "blocks": computed.blocks(samples),
        "summaries": [
            computed.summary(group, summaries[group.key], plan)
            for group in groups
            if not group.is_noise
        ],
        "noise": [asdict(each) for each in noise],
        "widening": widening(noise),
        "checks": [asdict(check) for check in checks],
        "workloads": computed.mixes(plan, groups),
        "models": computed.models(plan, groups),
        "open_loop": computed.open_loop(plan),
        "series": series(groups),
        "verdicts": [
            computed.verdict(finding)
            for group in groups
            if not group.is_noise
            for finding in judge_claims(
                group,
                summaries[group.key],
                relevant(checks, group),
                plan=plan,
                claims=computed.claims_of(plan, group),
            )
        ],
    }
    if LOAD_KEY in header:
        results["answers"] = computed.answers(samples)
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
    """Return the results in a text, or the header of an earlier version's.

    Raises ``ResultsUnreadable``.
    """
    results = parsed(text, (SCHEMA, EARLIER), HEADER)
    if results["schema"] == SCHEMA:
        return results
    options = {_RENAMED.get(key, key): value for key, value in results["options"].items()}
    return empty(results) | {"options": options}


def read_results(run: Run) -> Results:
    """Return the results of a stored run; those of an earlier version from its samples.

    Raises ``ResultsUnreadable``, ``SamplesUnreadable`` and ``OSError``.
    """
    results = from_json(run.results_file.read_text(encoding="utf-8"))
    return results if results["schema"] == SCHEMA else assemble(results, run.samples())


def parsed(text: str, schemas: Iterable[str], keys: Iterable[str]) -> Results:
    """Return the results in a text of one of some schemas; raises ``ResultsUnreadable``."""
    try:
        results = json.loads(text)
    except ValueError as error:
        raise ResultsUnreadable(f"not JSON: {error}") from error
    known = tuple(schemas)
    if not isinstance(results, dict) or results.get("schema") not in known:
        raise ResultsUnreadable(f"its schema is not {' or '.join(known)}")
    missing = [key for key in keys if key not in results]
    if missing:
        raise ResultsUnreadable(f"it lacks {', '.join(missing)}")
    return results


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


def _header_keys(header: Mapping[str, Any]) -> list[str]:
    return [*HEADER, *(key for key in (LOAD_KEY,) if key in header)]

"""The results and the report of a sweep of connections, from its steps and its header."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.checks.sweep import client, judge_steps
from benchmarks.analysis.quantities.capacity import (
    by_connections,
    judge_targets,
    request_costs,
    summarise_sweep,
)
from benchmarks.analysis.quantities.pace import CLIENT_CORES
from benchmarks.report.figures import MISSING, bounds, count, factor, ms, two_decimals
from benchmarks.report.judged import checks
from benchmarks.report.metadata import environment, measured_variants, shared_caveats
from benchmarks.report.page import Entry, Page, Section, Table, judged
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
    findings = judge_targets(steps, uncached=uncached, failed=failed)
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
    results["costs"] = [asdict(each) for each in request_costs(steps, variants=list(kinds))]
    results["checks"] = [asdict(check) for check in [*checks, client(steps, measured)]]
    results["targets"] = [asdict(finding) for finding in findings]
    return {key: rounded(value) for key, value in results.items()}


def sweep_from_json(text: str) -> Results:
    """Return the results in a text; raises ``ResultsUnreadable``."""
    return parsed(text, [SCHEMA], HEADER)


def sweep_page(results: Results) -> Page:
    """Return the report."""
    return Page(
        "fivefold: how many warm reads per second?",
        _headline(results),
        [
            _capacity(results),
            _ratios(results),
            _costs(results),
            _targets(results),
            checks(results),
            Section("What to keep in mind", _caveats(results), kind="limits"),
            measured_variants(results),
            environment(results),
        ],
    )


def caption(results: Results) -> str:
    """Return what the figure shows, in words."""
    options, metadata = results["options"], results["environment"]
    servers = [metadata["database"]["label"]]
    if metadata["redis"]:
        servers.append(metadata["redis"]["label"])
    return (
        f"Warm GET /todo/ per second against the number of connections, {_workers(results)}. "
        f"Small points are the {options['rounds']} rounds of {options['seconds']:g} s, lines join "
        f"their means. {', '.join(servers)}; {metadata['machine']['cpu_count']} CPUs shared with "
        f"the client; {metadata['date_utc']}."
    )


def _headline(results: Results) -> list[str]:
    options = results["options"]
    what = (
        f"{', '.join(options['variants'])}: closed loop of warm GET /todo/, "
        f"{options['rounds']} rounds of {options['seconds']:g} s per step, "
        f"{results['environment']['date_utc']}, seed {options['seed']}: {options['users']} users x "
        f"{options['todos_per_user']} todos of {options['payload_bytes']} bytes, "
        f"{_workers(results)}."
    )
    lines = [what]
    if results["state"] != "complete":
        lines.append(
            f"This run is {results['state']}: {results['reason']}. What was measured is below."
        )
    return lines


def _workers(results: Results) -> str:
    numbers = results["options"].get("workers", [1])
    if numbers == [1]:
        return "one worker per service"
    return f"{', '.join(map(str, numbers))} workers per service"


def _capacity(results: Results) -> Section:
    levels = results["points"]
    method = (
        "Every connection sends its next request as soon as it has its answer. Latencies are "
        "medians of the rounds; cores are the processor time used per second."
    )
    sentences = [method]
    if any(level["service_cores"] is None for level in levels):
        sentences.append("The processor time of a service cannot be read on this system.")
    if any(level["client_limited"] for level in levels):
        sentences.append(
            f"client!: the client used more than {CLIENT_CORES:.0%} of a core in a round, so the "
            "service may be able to do more."
        )
    rows = [
        [
            level["variant"],
            str(level["connections"]),
            count(round(level["rate"])),
            ms(level["p50_ms"]),
            ms(level["p99_ms"]),
            f"{level['hit_ratio']:.2f}",
            two_decimals(level["service_cores"]),
            f"{level['client_cores']:.2f}{' client!' if level['client_limited'] else ''}",
        ]
        for level in levels
    ]
    headings = ("variant", "conn.", "req/s", "p50 ms", "p99 ms", "hits", "cores", "client cores")
    return Section("Capacity", sentences, Table(headings, rows))


def _ratios(results: Results) -> Section:
    reference = results["variants"][0]["name"]
    ceilings = [entry["name"] for entry in results["variants"] if entry["kind"] == "ceiling"]
    headings = ["variant", "conn.", f"to {reference} [95 %]"]
    headings += [f"of {name} [95 %]" for name in ceilings[:1]]
    rows = [
        [
            level["variant"],
            str(level["connections"]),
            ratio(level["speedup"]),
            *([ratio(level["of_ceiling"])] if ceilings else []),
        ]
        for level in results["points"]
        if level["variant"] != reference
    ]
    sentence = "Requests per second as ratios within the rounds, where steps stand side by side."
    return Section("Ratios", [sentence], Table(headings, rows))


def _costs(results: Results) -> Section:
    reference = results["variants"][0]["name"]
    rows = cost_rows(results)
    sentence = (
        "Mean times over one connection, and the processor time of the service in them; uncached a "
        "hit and a miss are the same read, and a write changes a todo."
    )
    headings = ("variant", "request", "mean ms", "core ms", f"to {reference} [95 %]")
    return Section("Requests", [sentence] if rows else [], Table(headings, rows) if rows else None)


def _targets(results: Results) -> Section:
    rows = target_rows(results)
    sentence = (
        "Held when the whole 90 % interval over the rounds is on the right side of the bound, not "
        "held when none of it is, undecided in between."
    )
    return Section(
        "Targets", [sentence], Table(("target", "conn.", "measured [90 %]", "verdict"), rows)
    )


def cost_rows(results: Results) -> list[list[str]]:
    """Return a row for what each kind of request takes."""
    return [
        [
            each["variant"],
            each["asks"],
            ms(each["mean_ms"]),
            ms(each["core_ms"]),
            ratio(each["to_reference"]),
        ]
        for each in results["costs"]
    ]


def target_rows(results: Results) -> list[list[str]]:
    """Return a row for each target: text, connections, what was measured, what follows."""
    rows: list[list[str]] = []
    for finding in results["targets"]:
        target = finding["target"]
        measured = finding["measured"]
        reason = f" ({finding['reason']})" if finding["reason"] else ""
        rows.append(
            [
                f"{target['variant']}: {target['text']}",
                str(target["connections"]),
                ratio(measured),
                judged(finding["decision"], f"{finding['decision']}{reason}"),
            ]
        )
    return rows


def _caveats(results: Results) -> list[str]:
    closed_loop = (
        "These are capacities of one worker, under a load that waits for its answers: a slow "
        "answer slows the load as well, so the p99 here is not that of users who do not wait."
    )
    return [*shared_caveats(results), closed_loop]


def ratio(interval: Entry | None) -> str:
    """Return a ratio with its interval."""
    return MISSING if interval is None else f"{factor(interval['centre'])} {bounds(interval)}"

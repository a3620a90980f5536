"""The results and the report of a sweep of connections, from its steps and its header."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.sweep import judge_steps
from benchmarks.analysis.header import RunHeader, SweepOptions
from benchmarks.analysis.quantities.capacity import (
    RequestCost,
    SweepPoint,
    TargetFinding,
    judge_targets,
    request_costs,
    summarise_sweep,
)
from benchmarks.report.figures import ms, ratio
from benchmarks.report.judged import checks
from benchmarks.report.measured import warm_reads
from benchmarks.report.metadata import ended_early, environment, measured_variants, shared_caveats
from benchmarks.report.page import Page, Section, Table, judged
from benchmarks.report.results import header_of, parsed
from benchmarks.report.write import page_files
from benchmarks.storage.plain import rounded, to_json
from benchmarks.storage.records import SweepStep
from benchmarks.storage.run_folder import Run

SCHEMA = "fivefold.capacity/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepHeader(RunHeader):
    """The part of a sweep's results that is not computed."""

    options: SweepOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResults(SweepHeader):
    """A sweep: what it was, its steps, and everything that was computed of them."""

    steps: tuple[SweepStep, ...] = ()
    points: tuple[SweepPoint, ...]
    costs: tuple[RequestCost, ...]
    checks: tuple[Check, ...]
    targets: tuple[TargetFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSweep(SweepHeader):
    """The part of stored results from which all else follows."""

    steps: tuple[SweepStep, ...]


def assemble_sweep(header: SweepHeader, steps: Sequence[SweepStep]) -> SweepResults:
    """Compute the results of a sweep, or of as much of it as was measured."""
    # As they are stored, so that what is computed of them again is the same.
    steps = tuple(rounded(each) for each in steps)
    names = list(header.kinds)
    uncached = {*names} - header.caching
    measures_latency = header.environment.redis_measures_latency
    failed = [] if measures_latency else ["redis"]
    findings = judge_targets(steps, uncached=uncached, failed=failed)
    checks = judge_steps(
        steps, findings, uncached=uncached, redis_measures_latency=measures_latency
    )
    return rounded(
        SweepResults(
            **{each.name: getattr(header, each.name) for each in fields(SweepHeader)},
            steps=steps,
            points=summarise_sweep(
                steps, variants=names, ceiling=next(iter(header.ceilings), None)
            ),
            costs=request_costs(steps, variants=names),
            checks=tuple(checks),
            targets=findings,
        )
    )


def sweep_from_json(text: str) -> SweepResults:
    """Return the results in a text, computed again; raises ``ResultsUnreadable``."""
    stored = header_of(StoredSweep, parsed(text, [SCHEMA]))
    return assemble_sweep(stored, stored.steps)


def sweep_files(run: Run, results: SweepResults) -> tuple[Page, Mapping[Path, str]]:
    """Return the page of a sweep and all files of its folder: same data, same bytes."""
    page = sweep_page(results)
    return page, {run.results_file: to_json(results), **page_files(run, page)}


def sweep_page(results: SweepResults) -> Page:
    """Return the report."""
    reads = warm_reads(results.points, results.reference)
    return Page(
        "fivefold: how many warm reads per second?",
        _headline(results),
        [
            *([reads] if reads else []),
            _costs(results),
            _targets(results),
            checks(results.checks),
            Section("What to keep in mind", _caveats(results), kind="limits"),
            measured_variants(results),
            environment(results.environment),
        ],
    )


def _headline(results: SweepResults) -> list[str]:
    options = results.options
    what = (
        f"{', '.join(options.variants)}: closed loop of warm GET /todo/, "
        f"{options.rounds} rounds of {options.seconds:g} s per step, "
        f"{results.environment.date_utc}, seed {options.seed}: {options.users} users x "
        f"{options.todos_per_user} todos of {options.payload_bytes} bytes, "
        f"{_workers(results)}."
    )
    return [what, *ended_early(results)]


def _workers(results: SweepResults) -> str:
    numbers = results.options.workers
    if numbers == (1,):
        return "one worker per service"
    return f"{', '.join(map(str, numbers))} workers per service"


def _costs(results: SweepResults) -> Section:
    reference = results.reference
    rows = cost_rows(results.costs)
    sentence = (
        "Mean times over one connection, and the processor time of the service (core ms), of Redis "
        "and of the database for one request; uncached a hit and a miss are the same read, and a "
        "write changes a todo."
    )
    headings = (*COST_HEADINGS, f"to {reference} [90 %]")
    return Section("Requests", [sentence] if rows else [], Table(headings, rows) if rows else None)


def _targets(results: SweepResults) -> Section:
    rows = target_rows(results.targets)
    sentence = (
        "Held when the whole 90 % interval over the rounds is on the right side of the bound, not "
        "held when none of it is, undecided in between."
    )
    return Section(
        "Targets", [sentence], Table(("target", "conn.", "measured [90 %]", "verdict"), rows)
    )


COST_HEADINGS = ("variant", "request", "mean ms", "core ms", "Redis", "database")


def cost_rows(costs: Iterable[RequestCost]) -> list[list[str]]:
    """Return a row for what each kind of request takes."""
    return [
        [
            each.variant,
            each.asks,
            ms(each.mean_ms),
            ms(each.core_ms),
            ms(each.redis_core_ms),
            ms(each.database_core_ms),
            ratio(each.to_reference),
        ]
        for each in costs
    ]


def target_rows(findings: Iterable[TargetFinding]) -> list[list[str]]:
    """Return a row for each target: text, connections, what was measured, what follows."""
    rows: list[list[str]] = []
    for finding in findings:
        target = finding.target
        measured = finding.measured
        reason = f" ({finding.reason})" if finding.reason else ""
        rows.append(
            [
                f"{target.variant}: {target.text}",
                str(target.connections),
                ratio(measured),
                judged(finding.decision, f"{finding.decision}{reason}"),
            ]
        )
    return rows


def _caveats(results: SweepResults) -> list[str]:
    closed_loop = (
        "These are capacities of one worker, under a load that waits for its answers: a slow "
        "answer slows the load as well, so the p99 here is not that of users who do not wait."
    )
    return [*shared_caveats(results), closed_loop]

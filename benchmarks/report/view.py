"""What the report of a comparison says, in the order it says it.

Built from the results only. Formats decide how a heading, a table or a list looks.
"""

from collections.abc import Sequence

from benchmarks.analysis.header import LoadRecord, RunOptions
from benchmarks.report import foreign, load_view
from benchmarks.report.answer import answer
from benchmarks.report.computed import Results
from benchmarks.report.judged import checks, coherence, verdicts
from benchmarks.report.measured import capacity, hit_path, overhead, requests, sessions
from benchmarks.report.metadata import (
    arithmetic,
    caveats,
    environment,
    measured_variants,
    shared_caveats,
)
from benchmarks.report.page import Page, Section
from benchmarks.report.predicted import mix_speedups, mixes, model
from benchmarks.report.sentence import sentence, void


def page(results: Results) -> Page:
    """Return the report."""
    asked = "which service is" if results.environment.is_foreign else "is the cached service"
    title = f"fivefold: {asked} faster, and by how much?"
    lead = load_view.without_claim(results) or sentence(results)
    believed = None if void(results) else answer(results)
    return Page(title, headline(results), sections(results), lead=lead, answer=believed)


def headline(results: Results) -> list[str]:
    """Return what was compared, when, and whether the run came to its end."""
    options, state = results.options, results.state
    reference, *others = options.variants
    what = (
        f"{', '.join(others)} against {reference}, profile {options.profile}, "
        f"{results.environment.date_utc}, seed {options.seed}: {_data(options)}."
    )
    lines = [what]
    if state != "complete":
        lines.append(f"This run is {state}: {results.reason}. What was measured is below.")
    return lines


def _data(options: RunOptions) -> str:
    if options.todos_per_user is None:
        return f"users: {options.users}"
    starts = f", services started {options.restarts} times" if options.restarts > 1 else ""
    return (
        f"{options.users} users x {options.todos_per_user} todos of "
        f"{options.payload_bytes} bytes{starts}"
    )


def sections(results: Results) -> list[Section]:
    """Return the report's sections."""
    if results.load is not None:
        return _of_load(results, results.load)
    if results.environment.is_foreign:
        return _of_others(results)
    measured = [
        section
        for scenario in results.scenarios
        if scenario.kind == "session"
        for make in (sessions, requests, hit_path, overhead)
        if (section := make(results, scenario)) is not None
    ]
    predicted = [
        section
        for make in (mixes, mix_speedups, capacity, model)
        if (section := make(results)) is not None
    ]
    return [
        *measured,
        *predicted,
        coherence(results),
        *_judged(results),
        Section("The claim's own arithmetic", arithmetic(results.arithmetic), kind="about"),
        *_closing(results, caveats(results)),
    ]


def _of_others(results: Results) -> list[Section]:
    measured = [
        section
        for scenario in results.scenarios
        for make in (*([sessions] if scenario.kind == "session" else []), foreign.requests)
        if (section := make(results, scenario)) is not None
    ]
    different = foreign.differences(results)
    return [
        *measured,
        *([different] if different else []),
        *_judged(results),
        *_closing(results, caveats(results)),
    ]


def _of_load(results: Results, load: LoadRecord) -> list[Section]:
    limits = [*load_view.caveats(load), *shared_caveats(results, results.models)]
    return [
        load_view.under_load(results, load),
        *filter(None, [load_view.by_outcome(results), load_view.answers(results)]),
        *_judged(results),
        *_closing(results, limits),
    ]


def _judged(results: Results) -> list[Section]:
    return [verdicts(results)] if results.verdicts else []


def _closing(results: Results, limits: Sequence[str]) -> list[Section]:
    """Return what every report ends with."""
    return [
        checks(results.checks, several=len(results.scenarios) > 1),
        Section("What to keep in mind", limits, kind="limits"),
        measured_variants(results),
        environment(results.environment),
    ]

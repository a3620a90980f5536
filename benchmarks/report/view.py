"""The page of a comparison, in the order of its sections.

Built from the results only. Formats decide how a heading, a table or a list looks.
"""

from collections.abc import Iterator

from benchmarks.analysis.header import RunOptions
from benchmarks.report import foreign
from benchmarks.report.answer import answer, without_answer
from benchmarks.report.computed import Results
from benchmarks.report.judged import checks, coherence, verdicts
from benchmarks.report.measured import (
    by_outcome,
    mixes,
    model,
    open_loop,
    requests,
    sessions,
    under_load,
    warm_reads,
)
from benchmarks.report.metadata import (
    caveats,
    ended_early,
    environment,
    measured_variants,
    method,
)
from benchmarks.report.page import Page, Section


def page(results: Results) -> Page:
    """Return the report."""
    asked = "which service is" if results.environment.is_foreign else "is the cached service"
    title = f"fivefold: {asked} faster, and by how much?"
    found = answer(results)
    lead = f"{found.sentence} {found.consequence}".strip() if found else without_answer(results)
    return Page(title, headline(results), sections(results), lead=lead, answer=found)


def headline(results: Results) -> list[str]:
    """Return what was compared, when, and whether the run came to its end."""
    options = results.options
    reference, *others = options.variants
    what = (
        f"{', '.join(others)} against {reference}, profile {options.profile}, "
        f"{results.environment.date_utc}, seed {options.seed}: {_data(options)}."
    )
    return [what, *ended_early(results)]


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
    made = [
        *_measured(results),
        verdicts(results) if results.verdicts else None,
        checks(results.checks, several=len(results.scenarios) > 1),
        Section("What to keep in mind", caveats(results), kind="limits"),
        measured_variants(results),
        method(results),
        environment(results.environment),
    ]
    return [section for section in made if section is not None]


def _measured(results: Results) -> Iterator[Section | None]:
    if results.load is not None:
        yield under_load(results, results.load)
        yield by_outcome(results)
    elif results.environment.is_foreign:
        yield from _of_others(results)
    else:
        yield from _of_ours(results)


def _of_others(results: Results) -> Iterator[Section | None]:
    for scenario in results.scenarios:
        if scenario.kind == "session":
            yield sessions(results, scenario)
        yield foreign.requests(results, scenario)
    yield foreign.differences(results)


def _of_ours(results: Results) -> Iterator[Section | None]:
    for scenario in results.scenarios:
        if scenario.kind == "session":
            yield sessions(results, scenario)
            yield requests(results, scenario)
    yield mixes(results)
    yield warm_reads(results.capacity, results.reference)
    for make in (open_loop, model, coherence):
        yield make(results)

"""The tutorial's claim beside what a run measured, as tables, and why five reads never give 5x."""

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.axes import Axes

from benchmarks.analysis.claims.claim import SEED_MODEL, SEED_READS, SESSION
from benchmarks.analysis.quantities.summary import RegimeSummary
from benchmarks.report import view
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms, significant, span_ms, times
from benchmarks.report.measured import claimed_cases, requests, speedup_of
from benchmarks.report.page import Section, Table
from benchmarks.report.plots import forest, panels, speedups, style
from benchmarks.report.tones import TONES

_WANTED = 5.0
_LOOK = style.SeriesStyle(TONES["blue"].light, "s", "-")


def stated() -> Table:
    """Return the tutorial's own table: milliseconds of each of the five requests, and the sum."""
    rows = [
        (f"request {read}", *(f"{value:g}" for value in _request_ms(read)))
        for read in range(1, SEED_READS + 1)
    ]
    totals = SEED_MODEL.uncached_total_ms(SEED_READS), SEED_MODEL.cached_total_ms(SEED_READS)
    total = ("total", *(f"{value:g}" for value in totals))
    return Table(("", "without Redis, ms", "with Redis, ms"), [*rows, total])


def measured_sessions(results: Results) -> Table:
    """Return the claim's three numbers as they were claimed and in each of its regimes."""
    reads = SEED_READS
    uncached, cached = SEED_MODEL.uncached_total_ms(reads), SEED_MODEL.cached_total_ms(reads)
    claim = ("the tutorial", ms(uncached), ms(cached), times(SEED_MODEL.speedup(reads)))
    headings = ("database", "uncached ms", "cached ms", f"S({reads})")
    rows = [_session_row(results, summary) for summary in claimed_cases(results, SESSION)]
    return Table(headings, [claim, *rows])


def one_read(results: Results) -> Section:
    """Return what one read of the session takes, by what the cache did."""
    [session] = [each for each in results.scenarios if each.name == SESSION]
    return requests(results, session)


def first_at(results: Results, speedup: float) -> Table:
    """Return at which read S(n) reaches ``speedup``: by the tutorial's numbers, and by the run's.

    It comes from the mean costs of each regime by
    S(n) = n (a + d) / ((a + d + m) + (n - 1)(a + c)).
    """
    models = [("the tutorial", SEED_MODEL)]
    models += [
        (summary.regime, model)
        for summary in claimed_cases(results, SESSION)
        if (model := summary.of(results.ours[0]).costs)
    ]
    rows = [(name, times(model.limit), _at(model.reads_needed(speedup))) for name, model in models]
    return Table(("database", "after very many", f"{speedup:g}x first at"), rows)


def _request_ms(read: int) -> tuple[float, float]:
    first = SEED_MODEL.miss_total_ms
    return SEED_MODEL.uncached_ms, first if read == 1 else SEED_MODEL.hit_total_ms


def _session_row(results: Results, summary: RegimeSummary) -> Sequence[str]:
    ours = results.ours[0]
    means = (span_ms(summary.of(each).total_ms) for each in (summary.reference, ours))
    return (summary.regime, *means, speedup_of(summary, ours))


def _at(read: int | None) -> str:
    return "never" if read is None else f"n = {read}"


def bound(reads: int, database_ms: float = SEED_MODEL.database_ms) -> Figure:
    """Draw S(1) to S(``reads``) from a cold cache, with n, which it stays below.

    All but the time of the database is what the tutorial says.
    """
    model = replace(SEED_MODEL, database_ms=database_ms)
    points = [(n, model.speedup(n)) for n in range(1, reads + 1)]
    last, needed = points[-1][1], model.reads_needed(_WANTED)
    reached = f"{_WANTED:g}x first at n = {needed}" if needed else f"{_WANTED:g}x at no n at all"

    def draw(axes: Axes, points: list[tuple[int, float]]) -> None:
        panels.dashed(axes, [_WANTED])
        panels.curve(axes, points, _LOOK, name="S(n)")
        axes.plot([1, reads], [1, reads], color=style.MUTED, linestyle=":", label="n", zorder=1)
        axes.set_ylim(0, 1.1 * max(_WANTED, reads))
        panels.count_ticks(axes, reads)
        axes.grid(visible=True, axis="y")
        axes.set_xlabel("reads n")
        axes.set_ylabel("times as fast")

    return panels.figure(
        [points],
        draw,
        name="bound",
        title=f"{reads} reads, a database of {model.database_ms:g} ms",
        caption=(
            f"{reads} reads of one list from a cold cache: {times(last)}. {reached}; after very "
            f"many reads it is {times(model.limit)}. The dotted line is n, which S(n) never "
            f"touches after the first read; dashed is {_WANTED:g}x. A hit costs "
            f"{model.hit_total_ms:g} ms."
        ),
        alt=f"S({reads}) = {times(last)}, below n = {reads}; {reached}.",
        table=Table(("n", "S(n)"), [(str(n), significant(speedup, 4)) for n, speedup in points]),
        names=["S(n)", "n"],
        panel=230,
    )

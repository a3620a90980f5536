"""A hit ratio as a page and a folder: sentences, tables and figures from the results alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.predict.hit_ratio.results import (
    WITHIN,
    AskedAnswer,
    HitRatioResults,
    PointResult,
    from_json,
)
from benchmarks.predict.hit_ratio.workload import AXES
from benchmarks.report.figures import count, lifetime, percent, significant
from benchmarks.report.judged import checks
from benchmarks.report.page import Page, Published, Section, Table
from benchmarks.report.results import reading
from benchmarks.report.write import page_files
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run

PROFILE = "hit-ratio"
"""In the names of the folders."""
_SLOT = "The slot is the todo list of GET /todo/. Redis has memory for all."

_POINTS = (
    "Each point is a real service with a real Redis; time is compressed, since only operations per "
    "TTL matter. The prediction knows the rate that was kept. Intervals are at 95 %, over the "
    "blocks of a point."
)


def page(results: HitRatioResults) -> Page:
    """Return what is predicted and, where points were measured, how far that is right."""
    asked, points = results.asked, results.points
    sections = [_lifetimes(asked), *_curves(results)]
    if points:
        found = [agreement(points), reasons(points)]
        sections = [*found, *sections, checks(results.checks, several=True)]
    workload = asked.workload
    question = (
        f"{count(workload.users)} users, Zipf {workload.skew:g}, {workload.rate:g} "
        f"operations per second, {percent(workload.writes)} of them writes, lists live "
        f"{lifetime(workload.ttl_s)}."
    )
    return Page("fivefold: the hit ratio", [question, _SLOT], sections, lead=_lead(results))


def _lead(results: HitRatioResults) -> str:
    points = results.points
    said = f"Predicted: {results.asked.predicted.todos:.3f} of the reads of a list hit."
    if not points:
        return said
    near = f"{sum(point.within for point in points)} of {len(points)} points"
    return f"{said} Measured: {near} lie within {WITHIN:g} of the prediction."


def _lifetimes(asked: AskedAnswer) -> Section:
    rows = [
        [
            percent(each.hit_ratio),
            "no TTL is long enough" if each.ttl_s is None else lifetime(each.ttl_s),
        ]
        for each in asked.ttl_needed_s
    ]
    return Section("The TTL that it takes", [], Table(("hit ratio", "TTL"), rows))


def _curves(results: HitRatioResults) -> Iterator[Section]:
    for axis in AXES:
        curve = results.curves[axis]
        rows = [[significant(each.x), f"{each.hit_ratio:.3f}"] for each in curve[::4]]
        yield Section(f"By {AXES[axis]}", [], Table((AXES[axis], "hit ratio"), rows))


def agreement(points: Sequence[PointResult]) -> Section:
    """Return each measured point beside its prediction."""
    headings = ("point", "ops/s", "reads", "predicted", "measured", "off by", "within")
    rows = [
        [
            point.name,
            f"{point.workload.rate:.0f}",
            count(point.reads),
            f"{point.predicted:.3f}",
            _interval(point.measured),
            _interval(point.off_by, "+"),
            "yes" if point.within else "NO",
        ]
        for point in points
    ]
    return Section("Predicted and measured", [_POINTS], Table(headings, rows))


def _interval(value: Interval, sign: str = "") -> str:
    centre, low, high = (f"{each:{sign}.3f}" for each in (value.centre, value.low, value.high))
    return f"{centre} [{low}, {high}]"


def reasons(points: Sequence[PointResult]) -> Section:
    """Return how the service says that it answered the lists."""
    seen = Counter[str]()
    for point in points:
        seen.update(point.todos)
    ways = ["hit", *(way for way, _ in seen.most_common() if way != "hit")]
    rows = [[point.name, *(count(point.todos.get(way, 0)) for way in ways)] for point in points]
    return Section("How the service answered the lists", [], Table(("point", *ways), rows))


def write_files(run: Run, results: HitRatioResults) -> Published:
    """Write the results and everything that follows from them; raises ``OSError``."""
    written, texts = hit_ratio_files(run, results)
    run.write_all({run.results_file: to_json(results), **texts})
    return Published(written, check_failed=bool(failed_checks(results.checks)))


def hit_ratio_files(run: Run, results: HitRatioResults) -> tuple[Page, Mapping[Path, str]]:
    """Return the page and the files that follow from the results: same data, same bytes."""
    # Drawing is slow to import, and who only wants the table need not wait for it.
    from benchmarks.predict.hit_ratio.figures import make_curves  # noqa: PLC0415

    written = page(results)
    return written, page_files(run, written, [make_curves(results)])


def read(folder: Path) -> HitRatioResults:
    """Return the results in a folder; raises ``UsageError`` without any."""
    with reading(folder):
        return from_json(Run(folder).results_file.read_text(encoding="utf-8"))

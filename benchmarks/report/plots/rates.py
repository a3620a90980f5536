"""What each variant can carry: response time against the rate of arrivals."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.page import Entry, Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell, variants_of
from benchmarks.report.results import Results

_PANELS = {"p50_ms": "p50 of the response time", "p99_ms": "p99 of the response time"}
_COLUMNS = ("variant", "rate per s", "stability", "p50 ms", "p99 ms", "reason")


def make(results: Results) -> Figure | None:
    """Draw p50 and p99 of the response time at each rate that a variant stood."""
    found = results.get("open_loop") or {"rungs": (), "highest_stable": {}}
    stood = _stood(found["rungs"], found["highest_stable"])
    if not stood:
        return None
    title = "Response time against load"
    parts = [field for field in _PANELS if any(rung["figures"][field] for rung in stood)]
    draw = partial(_draw, rungs=stood, looks=style.looks(results))
    return Figure(
        name="rates",
        title=title,
        caption=(
            "Warm reads that arrive at random on a schedule that waits for nobody; the response "
            "time counts from the moment a request was meant to start. Both scales are "
            "logarithmic. A curve ends at the highest rate that its variant stood: where more "
            "arrives than is answered the queue only grows, so there is no latency to report; nor "
            "is there one where the generator itself was late. "
            f"{_limits(found)}"
        ),
        alt=_alt(stood),
        table=Table(_COLUMNS, [_row(rung) for rung in found["rungs"]]),
        svg=panels.stacked(parts, draw, title=title, names=variants_of(stood)),
    )


def _stood(rungs: Sequence[Entry], highest: Mapping[str, float | None]) -> list[Entry]:
    """Return the stable rungs by rate; one above a rate that was not stood was luck."""
    return sorted(
        (rung for rung in rungs if rung["figures"] and rung["rate"] <= (highest[_name(rung)] or 0)),
        key=lambda rung: rung["rate"],
    )


def _name(rung: Entry) -> str:
    return str(rung["variant"])


def _row(rung: Entry) -> list[str]:
    figures = rung["figures"] or dict.fromkeys(_PANELS)
    times = [cell(figures[field]) for field in _PANELS]
    return [rung["variant"], cell(rung["rate"]), rung["stability"], *times, rung["reason"]]


def _draw(
    axes: Axes, field: str, *, rungs: Sequence[Entry], looks: Mapping[str, style.SeriesStyle]
) -> None:
    known = [rung for rung in rungs if rung["figures"][field] is not None]
    for variant in variants_of(rungs):
        own = [rung for rung in known if rung["variant"] == variant]
        points = [(rung["rate"], rung["figures"][field]) for rung in own]
        panels.curve(axes, points, looks[variant], name=variant)
    values = [rung["figures"][field] for rung in known]
    panels.log_axis(axes, min(values), max(values))
    rates = [rung["rate"] for rung in rungs]
    panels.log_axis(axes, min(rates), max(rates), vertical=False)
    axes.set_xlabel("arrivals per second (log)")
    axes.set_ylabel("ms (log)")
    style.heading(axes, _PANELS[field])


def _limits(found: Entry) -> str:
    """Say of each variant which rate it stood, and what was beyond."""
    said = [
        f"{name} {_limit(found['rungs'], name, found['highest_stable'][name])}"
        for name in variants_of(found["rungs"])
    ]
    return f"{'; '.join(said)}."


def _limit(rungs: Sequence[Entry], variant: str, highest: float | None) -> str:
    if highest is None:
        return "stood none of the rates"
    beyond = min(
        (rung for rung in rungs if rung["variant"] == variant and rung["rate"] > highest),
        key=lambda rung: rung["rate"],
        default=None,
    )
    if beyond is None:
        return f"stood {highest:g} per second, the most it was offered"
    return f"stood {highest:g} per second and was {beyond['stability']} at {beyond['rate']:g}"


def _alt(stood: Sequence[Entry]) -> str:
    first = {rung["variant"]: rung for rung in reversed(stood)}
    last = {rung["variant"]: rung for rung in stood}
    said = [
        f"{variant}: p50 from {_at(first[variant])} to {_at(rung)}"
        for variant, rung in last.items()
    ]
    return f"{'; '.join(said)}."


def _at(rung: Entry) -> str:
    return f"{ms(rung['figures']['p50_ms'])} ms at {rung['rate']:g} per second"

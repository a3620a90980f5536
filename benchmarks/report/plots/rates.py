"""Response time of each variant against the rate of arrivals."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.quantities.open_loop import RatePoint
from benchmarks.report.computed import OpenLoopResult, Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell, variants_of

_PANELS = {"p50_ms": "p50 of the response time", "p99_ms": "p99 of the response time"}
_COLUMNS = ("variant", "rate per s", "stability", "p50 ms", "p99 ms", "reason")


def make(results: Results) -> Figure | None:
    """Draw p50 and p99 of the response time at each rate that a variant sustained."""
    found = results.open_loop
    sustained = _sustained(found)
    if not sustained:
        return None
    parts = [field for field in _PANELS if any(_ms(level, field) for level in sustained)]
    draw = partial(_draw, levels=sustained, styles=style.series_styles(results))
    return panels.figure(
        parts,
        draw,
        name="rates",
        title="Response time against load",
        caption=(
            "Warm reads arrive at random on a fixed schedule, which does not wait for answers; "
            "response times count from the intended start. Both scales are logarithmic. A curve "
            "ends at the highest rate that its variant sustained: above it the queue only grows, "
            "so there is no latency to report, nor is there where the generator was late. "
            f"{_limits(found)}"
        ),
        alt=_alt(sustained),
        table=Table(_COLUMNS, [_row(level) for level in found.points]),
        names=variants_of(sustained),
    )


def _sustained(found: OpenLoopResult) -> list[RatePoint]:
    """Return the stable levels by rate; one above a rate that was not sustained was luck."""
    levels = [
        each
        for each in found.points
        if each.figures and each.rate <= (found.highest_sustained[each.variant] or 0)
    ]
    return sorted(levels, key=lambda level: level.rate)


def _ms(level: RatePoint, field: str) -> float | None:
    return getattr(level.figures, field, None)


def _row(level: RatePoint) -> list[str]:
    times = [cell(_ms(level, field)) for field in _PANELS]
    return [level.variant, cell(level.rate), level.stability, *times, level.reason]


def _draw(
    axes: Axes,
    field: str,
    *,
    levels: Sequence[RatePoint],
    styles: Mapping[str, style.SeriesStyle],
) -> None:
    known = [(level, time) for level in levels if (time := _ms(level, field)) is not None]
    for variant in variants_of(levels):
        points = [(level.rate, time) for level, time in known if level.variant == variant]
        panels.curve(axes, points, styles[variant], name=variant)
    values = [time for _, time in known]
    panels.log_axis(axes, min(values), max(values))
    rates = [level.rate for level in levels]
    panels.log_axis(axes, min(rates), max(rates), vertical=False)
    axes.set(xlabel="arrivals per second (log)", ylabel="ms (log)")
    style.heading(axes, _PANELS[field])


def _limits(found: OpenLoopResult) -> str:
    """Say of each variant which rate it sustained, and what was beyond."""
    said = [
        f"{name} {_limit(found.points, name, found.highest_sustained[name])}"
        for name in variants_of(found.points)
    ]
    return f"{'; '.join(said)}."


def _limit(levels: Sequence[RatePoint], variant: str, highest: float | None) -> str:
    if highest is None:
        return "sustained none of the rates"
    beyond = min(
        (level for level in levels if level.variant == variant and level.rate > highest),
        key=lambda level: level.rate,
        default=None,
    )
    if beyond is None:
        return f"sustained {highest:g} per second, the most it was offered"
    return f"sustained {highest:g} per second and was {beyond.stability} at {beyond.rate:g}"


def _alt(sustained: Sequence[RatePoint]) -> str:
    first = {level.variant: level for level in reversed(sustained)}
    last = {level.variant: level for level in sustained}
    said = [
        f"{variant}: p50 from {_at(first[variant])} to {_at(level)}"
        for variant, level in last.items()
    ]
    return f"{'; '.join(said)}."


def _at(level: RatePoint) -> str:
    return f"{ms(_ms(level, 'p50_ms'))} ms at {level.rate:g} per second"

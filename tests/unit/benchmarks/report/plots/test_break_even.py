import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.analysis.model.break_even import speedup_at
from benchmarks.analysis.model.cost import CostModel
from benchmarks.report.figure import Figure
from benchmarks.report.plots.break_even import contours, make, make_map, surface
from benchmarks.report.plots.rows import measured
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)

MODEL = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.6, miss_ms=0.9)


def thick_line(figure: Figure) -> list[tuple[float, float]]:
    """Return the points of the map's contour of 5, in milliseconds and hit ratios."""
    paths = re.findall(r'<path d="([^"]*)"[^>]*stroke-width: 2\.4', figure.svg)
    (points,) = (re.findall(r"([\d.]+) ([\d.]+)", path) for path in paths)
    xs, ys = ticks(figure, "x"), ticks(figure, "y")
    per_decade = (xs[100] - xs[1]) / 2
    return [
        (
            10 ** ((float(x) - xs[1]) / per_decade),
            (float(y) - ys[0]) / (ys[1] - ys[0]),
        )
        for x, y in points
    ]


def ticks(figure: Figure, axis: str) -> dict[float, float]:
    """Return where the ticks of an axis are, by what is written beside them."""
    groups = {each.get("id", ""): each for each in ET.fromstring(figure.svg).iter()}
    found = {}
    for name, group in groups.items():
        if name.startswith(f"{axis}tick_"):
            mark = next(each for each in group.iter() if each.tag.endswith("}use"))
            text = next(each for each in group.iter() if each.tag.endswith("}text"))
            found[float(text.text or "")] = float(mark.attrib[axis])
    return found


def test_the_map_is_the_speedup_of_the_model_everywhere() -> None:
    xs, ys, grid = surface(MODEL)

    assert (xs[0], xs[-1], ys[0], ys[-1]) == pytest.approx((0.2, 200, 0, 1))
    for row, column in ((0, 0), (10, 50), (40, 20), (59, 59)):
        there = replace(MODEL, database_ms=float(xs[column]))
        assert grid[row, column] == speedup_at(there, float(ys[row]))


def test_the_thick_line_that_is_drawn_is_where_the_model_says_five() -> None:
    run = everything()
    model = CostModel(**run["models"][0]["fit"]["model"])
    points = thick_line(made(make_map(run)))
    found = [speedup_at(replace(model, database_ms=x), y) for x, y in points]

    assert len(points) > 20
    assert np.allclose(found, 5, rtol=0.05)


def test_only_contours_that_are_on_the_map_are_named() -> None:
    run = everything()
    slow = replace(MODEL, hit_ms=50)
    figure = made(make_map(run))

    assert contours(MODEL) == [1, 2, 5, 10, 20]
    assert contours(slow) == [1, 2]
    assert "where it is 1x, 2x, 5x, 10x, 20x." in figure.caption


def test_the_regimes_of_claims_are_told_apart_from_the_other_points() -> None:
    figure = made(make_map(everything()))

    assert {"native", "50ms-per-request", "50ms-per-query"} <= {*texts(figure)}
    assert {"other speeds of the database", "mixes of many users"} <= {*texts(figure)}
    assert_readable(figure)


def test_kinds_of_points_that_were_not_measured_are_not_named() -> None:
    found = texts(made(make_map(session_run(regimes=("native",)))))

    assert "native" in found
    assert not {"other speeds of the database", "mixes of many users"} & {*found}


def test_the_map_s_table_holds_each_point_with_what_was_foreseen() -> None:
    run = everything()
    model = CostModel(**run["models"][0]["fit"]["model"])
    figure = made(make_map(run))

    assert figure.table.rows == [
        [
            place.name,
            *(f"{each:g}" for each in (place.database_ms, place.hit_ratio, place.speedup)),
            f"{speedup_at(replace(model, database_ms=place.database_ms), place.hit_ratio):g}",
        ]
        for place in measured(run, run["models"][0])
    ]
    assert f"hit ratio 0.80, {float(figure.table.rows[0][3]):.2f}x" in figure.alt


def test_the_curves_are_the_model_s_and_the_points_those_of_its_database() -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    model = CostModel(**run["models"][0]["fit"]["model"])
    rows = made(make(run)).table.rows

    assert len(rows) == 4 * 11 + 1
    assert rows[-1][0] == "measured, native"
    for _, database_ms, share, value in rows[:-1]:
        expected = speedup_at(replace(model, database_ms=float(database_ms)), float(share))
        assert float(value) == pytest.approx(expected, rel=1e-4)


def test_every_curve_is_named_and_where_it_pays_is_said() -> None:
    run = everything()
    figure = made(make(run))
    entry = run["models"][0]
    own = f"{entry['fit']['model']['database_ms']:.3g} ms"

    assert {"1 ms", "10 ms", "100 ms", f"this one, {own}", "measured"} <= {*texts(figure)}
    assert (
        f"{own}, it pays from a hit ratio of {entry['break_even_hit_ratio']:.2f} on" in figure.alt
    )
    assert_readable(figure)


def test_a_cache_that_never_pays_is_said_to() -> None:
    run = session_run(regimes=("native",))
    run["models"][0]["break_even_hit_ratio"] = None

    assert "it never pays." in made(make(run)).alt


def test_without_a_model_there_is_neither() -> None:
    for run in (target_run(), session_run("uncached", "naive", regimes=("native",))):
        assert make(run) is None
        assert make_map(run) is None


def test_the_same_results_give_the_same_bytes() -> None:
    run = session_run(regimes=("native",))

    assert make(run) == make(run)
    assert make_map(run) == make_map(run)

from functools import cache
from typing import Any

import pytest

from benchmarks.report.figure import Figure
from benchmarks.report.results import Results
from notebooks.lib.plots.queueing import foreseen_ms, loops, make_closed, make_open
from tests.unit.benchmarks.report.plots.drawn import assert_readable, made, texts

LADDER = {1: (100, 100), 2: (150, 170), 8: (200, 220)}


def step(variant: str, connections: int, rate: float, cores: float | None) -> dict[str, Any]:
    return {
        "variant": variant,
        "connections": connections,
        "seconds": 2.0,
        "requests": int(2 * rate),
        "service_cores": cores,
    }


def rate_step(variant: str, rate: float, mean_us: float) -> dict[str, Any]:
    return {"variant": variant, "rate": rate, "round": 0, "mean_us": mean_us}


def rung(variant: str, rate: float, stability: str, *, stood: bool | None = None) -> dict[str, Any]:
    return {
        "variant": variant,
        "rate": rate,
        "stability": stability,
        "stood": stability != "unstable" if stood is None else stood,
    }


def ladder_run(cores: float | None = 0.5, **changes: Any) -> Results:
    """Return a run of two variants, the cached one ten times as fast."""
    steps = [
        step(name, connections, factor * rate, cores)
        for name, factor in (("uncached", 1), ("cached", 10))
        for connections, rates in LADDER.items()
        for rate in rates
    ]
    rates = [
        rate_step("uncached", 50, 11_000),
        rate_step("uncached", 70, 77_000),
        rate_step("uncached", 100, 15_000),
        rate_step("uncached", 190, 99_000),
        rate_step("uncached", 205, 1_000),
        rate_step("cached", 50, 1_100),
    ]
    rungs = [
        rung("uncached", 50, "stable"),
        rung("uncached", 70, "generator-limited", stood=False),
        rung("uncached", 100, "generator-limited"),
        rung("uncached", 190, "unstable"),
        rung("uncached", 205, "generator-limited"),
        rung("cached", 50, "stable"),
    ]
    found = {"rungs": rungs, "highest_stable": {"uncached": 100.0, "cached": 50.0}}
    return {"steps": steps, "rates": rates, "open_loop": found, **changes}


@cache
def closed() -> Figure:
    return made(make_closed(ladder_run()))


@cache
def opened() -> Figure:
    return made(make_open(ladder_run()))


def test_a_ladder_says_how_long_a_lone_request_takes_and_how_many_there_can_be() -> None:
    uncached, cached = loops(ladder_run())

    assert uncached.lone_ms == pytest.approx(10)
    assert uncached.most_per_s == 210
    assert cached.lone_ms == pytest.approx(1)
    # Half a core gave 220 per second at best.
    assert uncached.processor_ms == pytest.approx(1000 * 0.5 / 220)


def test_a_ladder_that_starts_at_two_connections_is_read_by_little_s_law() -> None:
    (loop,) = loops({"steps": [step("cached", 2, 100, 0.5)]})

    assert loop.lone_ms == pytest.approx(20)


def test_the_bound_rises_with_the_connections_until_the_processor_is_full() -> None:
    rows = [row for row in closed().table.rows if row[0] == "uncached"]

    assert [row[:4] for row in rows[:2]] == [
        ["uncached", "1", "0", "100"],
        ["uncached", "1", "1", "100"],
    ]
    assert [float(row[4]) for row in rows[::2]] == pytest.approx([100, 200, 440])


def test_the_closed_ladder_is_told_and_readable() -> None:
    figure = closed()

    assert "uncached: 100 per second at 1 connection, 210 at 8, bound 440" in figure.alt
    assert {"measured", "bound", "cached", "uncached"} <= {*texts(figure)}
    assert_readable(figure)


def test_where_no_processor_time_was_read_there_is_no_bound_and_no_figure() -> None:
    assert make_closed(ladder_run(cores=None)) is None


def test_a_lone_request_waits_for_nobody_and_many_wait_without_limit() -> None:
    uncached, _ = loops(ladder_run())

    assert foreseen_ms(uncached, 0) == pytest.approx((10, 10))
    # Half busy: half a service of 1000 / 210 ms where it is regular, a whole one at random.
    regular, at_random = foreseen_ms(uncached, 105)
    assert (regular - 10) * 2 == pytest.approx(at_random - 10) == pytest.approx(1000 / 210)
    assert foreseen_ms(uncached, 210) == (float("inf"), float("inf"))


def test_rates_that_were_stood_are_rows_and_not_those_above_one_that_was_not() -> None:
    rows = opened().table.rows

    assert [row[:5] for row in rows] == [
        ["cached", "50", "0", "stable", "1.1"],
        ["uncached", "50", "0", "stable", "11"],
        ["uncached", "100", "0", "generator-limited", "15"],
    ]


def test_rounds_of_a_late_generator_are_told_apart_and_all_is_readable() -> None:
    figure = opened()

    assert {"measured", "measured, generator late"} <= {*texts(figure)}
    assert "uncached: 11.0 ms at 50 per second, 15.0 ms at 100, the closed loop" in figure.alt
    assert_readable(figure)


@pytest.mark.parametrize(
    "changes", [{"open_loop": None}, {"rates": []}, {"steps": []}, {"rates": [], "steps": []}]
)
def test_without_both_ladders_there_is_no_prediction(changes: dict[str, Any]) -> None:
    assert make_open(ladder_run(**changes)) is None


def test_a_run_without_a_ladder_has_no_figure() -> None:
    assert make_closed({}) is None
    assert make_open({}) is None


def test_the_same_results_give_the_same_bytes() -> None:
    assert make_closed(ladder_run()) == closed()
    assert make_open(ladder_run()) == opened()

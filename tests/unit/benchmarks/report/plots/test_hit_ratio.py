from copy import deepcopy
from dataclasses import asdict
from typing import Any

from benchmarks.measure.regimes import REGIMES
from benchmarks.report.plots.hit_ratio import make
from benchmarks.report.results import Results
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)
from tests.unit.benchmarks.report.runs import workload
from tests.unit.benchmarks.simulate import scenario


def over_time(variant: str, *hit_ratios: float, **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "scenario": "zipf",
            "regime": "native",
            "variant": variant,
            "operation": 10.0 * place + 5,
            "hit_ratio": value,
            "reads": 40,
            **changes,
        }
        for place, value in enumerate(hit_ratios)
    ]


def mix_run(*rows: dict[str, Any], run: Results | None = None, changes: bool = False) -> Results:
    run = deepcopy(run or session_run(regimes=("native",)))
    run["scenarios"].append(scenario("zipf", kind="mix", changes=changes))
    run["series"]["hit_ratio_over_time"] = list(rows)
    run["workloads"] = [workload("zipf", "cached", 2.0, 0.7)]
    return run


def test_every_mix_is_a_panel_and_every_cache_is_named_and_readable() -> None:
    run = everything()
    figure = made(make(run))

    assert {mix["scenario"] for mix in run["workloads"]} <= {*texts(figure)}
    assert {"cached", "naive", "cashews", "aiocache", "fastapi-redis-sdk"} <= {*texts(figure)}
    assert_readable(figure)


def test_the_table_holds_the_curve_and_the_mean_of_the_block() -> None:
    figure = made(make(mix_run(*over_time("cached", 0.1, 0.85))))

    assert figure.table.rows == [
        ["zipf", "native", "cached", "5", "0.1", "40", "0.7"],
        ["zipf", "native", "cached", "15", "0.85", "40", "0.7"],
    ]
    assert figure.alt == "zipf, native: cached from 0.10 to 0.85."


def test_who_has_no_cache_is_left_out_and_whose_never_hits_is_not() -> None:
    rows = [*over_time("static", 0.0, 0.0), *over_time("cached", 0.0, 0.0)]
    run = session_run("uncached", "cached", "static", regimes=("native",))
    figure = made(make(mix_run(*rows, run=run)))

    assert "cached" in texts(figure)
    assert "static" not in [*texts(figure), *(row[2] for row in figure.table.rows)]


def test_foreign_services_are_drawn_where_they_say_that_they_hit() -> None:
    silent = mix_run(*over_time("b", 0.0, 0.0), run=target_run())
    telling = mix_run(*over_time("b", 0.0, 0.9), run=target_run())

    assert make(silent) is None
    assert "b" in texts(made(make(telling)))


def test_a_service_beside_itself_is_no_curve() -> None:
    again = over_time("cached again", 0.1, 0.9, regime="a/a")
    run = mix_run(*again)
    run["regimes"].append(asdict(REGIMES["a/a"]))

    assert make(run) is None


def test_writes_are_mentioned_where_there_are_any() -> None:
    rows = over_time("cached", 0.1, 0.9)

    assert "writes" not in made(make(mix_run(*rows))).caption
    assert "With writes (zipf)" in made(make(mix_run(*rows, changes=True))).caption


def test_a_mix_in_two_regimes_is_two_panels() -> None:
    rows = [
        *over_time("cached", 0.1, 0.9),
        *over_time("cached", 0.1, 0.9, regime="50ms-per-request"),
    ]
    run = mix_run(*rows, run=session_run(regimes=("native", "50ms-per-request")))

    assert {"zipf, native", "zipf, 50ms-per-request"} <= {*texts(made(make(run)))}


def test_a_run_without_mixes_has_no_figure() -> None:
    assert make(session_run(regimes=("native",))) is None


def test_the_same_results_give_the_same_bytes() -> None:
    run = mix_run(*over_time("cached", 0.1, 0.9))

    assert make(run) == make(run)

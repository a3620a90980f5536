from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.analysis.quantities.open_loop import Figures, RatePoint, Stability
from benchmarks.report.plots.rates import make
from benchmarks.report.results import Results
from tests.unit.benchmarks.report.full import full
from tests.unit.benchmarks.report.plots.drawn import assert_readable, made, texts
from tests.unit.benchmarks.simulate import variants


def rung(
    variant: str, rate: float, p50_ms: float | None, p99_ms: float | None = None, reason: str = ""
) -> dict[str, Any]:
    stability: Stability = "unstable" if p50_ms is None else "stable"
    figures = p50_ms and Figures(
        mean_ms=p50_ms,
        p50_ms=p50_ms,
        p90_ms=p50_ms * 2,
        p99_ms=p99_ms,
        max_ms=p50_ms * 9,
        service_p50_ms=p50_ms,
        service_p99_ms=p99_ms,
        hit_ratio=1.0,
        service_cores=0.5,
    )
    return asdict(
        RatePoint(
            variant=variant,
            rate=rate,
            stability=stability,
            reason=reason,
            stood=stability == "stable",
            figures=figures or None,
        )
    )


def rate_run(highest: Mapping[str, float | None], *rungs: dict[str, Any]) -> Results:
    found = {"rungs": list(rungs), "highest_stable": dict(highest), "comparisons": []}
    return {"variants": variants(*highest), "open_loop": found}


UNCACHED = (
    rung("uncached", 100, 5.0, 12.0),
    rung("uncached", 200, 8.0, 30.0),
    rung("uncached", 400, None, reason="70.0% of the arrivals were answered 200"),
)
CACHED = (rung("cached", 100, 0.5, 1.5), rung("cached", 200, 0.6), rung("cached", 400, 0.9, 3.0))
RUN = rate_run({"cached": 400.0, "uncached": 200.0}, *UNCACHED, *CACHED)


def test_variants_and_both_percentiles_are_named_and_readable() -> None:
    figure = made(make(RUN))

    assert {"cached", "uncached"} <= {*texts(figure)}
    assert {"p50 of the response time", "p99 of the response time"} <= {*texts(figure)}
    assert_readable(figure)


def test_the_table_holds_every_rung_also_those_that_were_not_stood() -> None:
    rows = made(make(RUN)).table.rows

    assert rows[1] == ["uncached", "200", "stable", "8", "30", ""]
    assert rows[2][2:5] == ["unstable", "", ""]
    assert rows[2][5] == "70.0% of the arrivals were answered 200"
    assert rows[4] == ["cached", "200", "stable", "0.6", "", ""]
    assert len(rows) == 6


def test_what_each_variant_stood_and_what_was_beyond_is_said() -> None:
    figure = made(make(RUN))

    assert "uncached stood 200 per second and was unstable at 400" in figure.caption
    assert "cached stood 400 per second, the most it was offered." in figure.caption
    assert "uncached: p50 from 5.00 ms at 100 per second to 8.00 ms at 200" in figure.alt


def test_a_rung_above_one_that_was_not_stood_is_in_the_table_only() -> None:
    lucky = rung("uncached", 800, 99.0, 99.0)
    figure = made(make(rate_run({"uncached": 200.0}, *UNCACHED, lucky)))

    assert "99" not in figure.alt
    assert figure.table.rows[-1][1] == "800"


def test_a_variant_that_stood_nothing_is_said_to_and_not_drawn() -> None:
    none = rung("naive", 100, None, reason="the queue grew")
    figure = made(make(rate_run({"cached": 400.0, "naive": None}, *CACHED, none)))

    assert "naive stood none of the rates" in figure.caption
    assert "naive" not in texts(figure)


def test_without_any_p99_there_is_no_panel_for_it() -> None:
    figure = made(make(rate_run({"cached": 100.0}, rung("cached", 100, 0.5))))

    assert "p99 of the response time" not in texts(figure)


def test_a_run_without_an_open_loop_has_no_figure() -> None:
    assert make({"variants": [], "open_loop": None}) is None
    assert make(rate_run({})) is None
    assert make(rate_run({"uncached": None}, UNCACHED[2])) is None


def test_computed_results_of_an_open_loop_are_drawn() -> None:
    figure = made(make(full(rates=(200, 400))))

    assert [row[:5] for row in figure.table.rows][:2] == [
        ["uncached", "200", "stable", "3", "9"],
        ["uncached", "400", "stable", "3", "9"],
    ]


def test_the_same_results_give_the_same_bytes() -> None:
    assert make(RUN) == make(RUN)

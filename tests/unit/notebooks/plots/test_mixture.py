from functools import cache
from typing import Any

import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.report.figure import Figure
from benchmarks.report.results import Results
from notebooks.lib.plots.mixture import at_percentile, make, make_by_hit_ratio, stated
from tests.unit.benchmarks.report.plots.drawn import (
    CLAIMED,
    assert_readable,
    made,
    session_run,
    target_run,
    texts,
)


@cache
def run(*regimes: str) -> Results:
    """Return a session in the native regime, or in others; nobody may change it."""
    return session_run(regimes=regimes or ("native",))


@cache
def by_percentile() -> Figure:
    return made(make(run()))


@cache
def by_hit_ratio() -> Figure:
    return made(make_by_hit_ratio(run()))


def test_the_starting_document_is_50_times_as_fast_or_not_at_all() -> None:
    assert stated(SEED_MODEL, 0.8, "p50") == pytest.approx(50)
    assert stated(SEED_MODEL, 0.8, "mean") == pytest.approx(4.63, abs=0.005)
    assert stated(SEED_MODEL, 0.8, "p99") == pytest.approx(1)


@pytest.mark.parametrize(
    ("hit_ratio", "p50", "p99"), [(0.499, 1, 1), (0.5, 50, 1), (0.989, 50, 1), (0.99, 50, 50)]
)
def test_a_percentile_changes_sides_at_its_own_hit_ratio(
    hit_ratio: float, p50: float, p99: float
) -> None:
    assert at_percentile(SEED_MODEL, hit_ratio, 50) == pytest.approx(p50)
    assert at_percentile(SEED_MODEL, hit_ratio, 99) == pytest.approx(p99)


def test_each_percentile_that_both_have_is_a_row_beside_what_was_foreseen() -> None:
    rows = by_percentile().table.rows
    ms = {(row["variant"], row["percentile"]): row["ms"] for row in run()["series"]["percentiles"]}

    assert {row[0] for row in rows} == {"native"}
    for _, percentile, ratio, foreseen, *_ in rows:
        p = float(percentile)
        assert float(ratio) == pytest.approx(ms["uncached", p] / ms["cached", p], rel=1e-4)
        if p < 75:
            assert float(foreseen) == pytest.approx(float(ratio), rel=0.1)


def test_mean_median_and_tail_are_said() -> None:
    mean = run()["summaries"][0]["ratios"][0]["ratio"]

    assert f"native: mean {mean:.2f}x, p50 " in by_percentile().alt


def test_every_regime_of_a_claim_is_a_panel_and_readable() -> None:
    figure = made(make(run(*CLAIMED)))

    assert {"native", "50ms-per-request", "50ms-per-query", "measured"} <= {*texts(figure)}
    assert_readable(figure)


def mix(name: str, **changes: Any) -> dict[str, Any]:
    """Return a mix of reads."""
    values = {
        "scenario": name,
        "regime": "native",
        "variant": "cached",
        "writes": 0,
        "hit_ratio": 0.6,
        "percentiles": {"p50": 8.0, "p95": 1.0, "p99": 1.5},
        "reads_speedup": {"centre": 2.5},
    }
    return values | changes


def test_measured_mixes_of_reads_are_points_and_others_are_not() -> None:
    mixes = [
        mix("uniform"),
        mix("half-writes", writes=7),
        mix("short", percentiles={"p50": 8.0, "p95": None, "p99": None}),
        mix("of-naive", variant="naive"),
        mix("slow", regime="50ms-per-request"),
    ]
    figure = made(make_by_hit_ratio(run() | {"workloads": mixes}))

    assert [row for row in figure.table.rows if row[0] not in {"foreseen", "session"}] == [
        ["uniform", "0.6", "p50", "8"],
        ["uniform", "0.6", "mean", "2.5"],
        ["uniform", "0.6", "p99", "1.5"],
    ]
    assert "of reads alone: uniform." in figure.caption


def test_the_curves_by_hit_ratio_are_named_and_readable() -> None:
    figure = by_hit_ratio()

    assert {"p50", "mean", "p99"} <= {*texts(figure)}
    assert "At a hit ratio of 0.8: p50 " in figure.alt
    assert_readable(figure)


def test_without_a_model_there_is_neither() -> None:
    assert make(target_run()) is None
    assert make_by_hit_ratio(target_run()) is None


def test_without_the_measured_time_of_the_database_nothing_can_be_foreseen() -> None:
    summaries = [each | {"database_ms": None} for each in run()["summaries"]]
    unknown = run() | {"summaries": summaries}

    assert make(unknown) is None
    assert "nothing." in made(make_by_hit_ratio(unknown)).caption


def test_the_same_results_give_the_same_bytes() -> None:
    assert make(run()) == by_percentile()
    assert make_by_hit_ratio(run()) == by_hit_ratio()

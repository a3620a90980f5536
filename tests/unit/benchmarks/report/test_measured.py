from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.quantities.open_loop import Figures, RatePoint, Stability
from benchmarks.report.computed import OpenLoopResult, Results
from benchmarks.report.judged import checks, coherence
from benchmarks.report.measured import mixes, open_loop, requests, sessions, warm_reads
from benchmarks.report.page import Section, Table
from benchmarks.report.results import assemble
from tests.unit.benchmarks import simulate
from tests.unit.benchmarks.capacity.steps import sweep_steps
from tests.unit.benchmarks.report.runs import mix, session_run
from tests.unit.benchmarks.simulate import header, run_samples, scenario, variants

NAMES = ("uncached", "cached", "naive", "static")
TIMES: Any = {"bypass": 40.0, "miss": 45.0, "hit": 4.0, "unknown": 3.0}


def results(*names: str, **changes: Any) -> Results:
    return session_run(
        *(names or NAMES),
        regimes=["native"],
        times_ms=TIMES,
        noise=0,
        **({"coherence": (simulate.coherence("naive", stale=12),)} | changes),
    )


def table(section: Section | None) -> Table:
    assert section is not None
    assert section.table is not None
    return section.table


def rows(section: Section | None) -> dict[str, list[str]]:
    return {row[1]: list(row) for row in table(section).rows}


def test_a_variant_with_stale_reads_carries_them_in_its_row() -> None:
    found = rows(sessions(results(), scenario()))

    assert found["naive"][-1].endswith("stale reads: 12 of 3 400")
    assert "stale" not in found["cached"][-1]


def test_writes_have_a_median_and_no_ceiling() -> None:
    written = scenario("writes", primed="request", changes=True, changing=("complete",))
    samples = [
        replace(each, outcome="write", scenario="writes", duration_s=0.008)
        for each in run_samples(variants=("uncached", "cached"))
    ]

    about = variants("uncached", "cached", "static")
    made = assemble(header(variants=about, scenarios=(written,)), samples)

    assert [row[2] for row in rows(requests(made, written)).values()] == ["8.00", "8.00"]
    assert sorted(rows(sessions(made, written))) == ["cached", "uncached"]
    assert "5 writes of one user" in sessions(made, written).sentences[0]


def test_every_probe_has_a_row_and_the_first_wrong_read_a_sentence() -> None:
    probed = (simulate.coherence("naive", stale=12, first="GET showed too little"),)
    section = coherence(results(coherence=probed))

    assert [list(row) for row in table(section).rows] == [
        ["naive", "3 400", "2 000", "200", "12", "0", "0", "0"]
    ]
    assert any("naive: stale reads: 12 of 3 400." in sentence for sentence in section.sentences)
    assert "naive: GET showed too little." in section.sentences
    assert coherence(results(coherence=())).sentences == ["No variant was probed."]


def test_checks_of_several_scenarios_name_theirs() -> None:
    found = results().checks

    assert {row[1] for row in table(checks(found)).rows} == {"native"}
    assert {row[1] for row in table(checks(found, several=True)).rows} == {"session, native"}


def test_the_connections_that_were_measured_are_reported_and_others_are_not_made_up() -> None:
    steps = tuple(each for each in sweep_steps() if each.variant in {"uncached", "cached"})

    found = table(warm_reads(results(steps=steps).capacity, "uncached"))

    assert warm_reads([], "uncached") is None
    assert {row[0] for row in found.rows} == {"uncached", "cached"}
    assert {row[6] for row in found.rows if row[0] == "uncached"} == {"reference"}


def rate_point(variant: str, rate: float, p50_ms: float | None, reason: str = "") -> RatePoint:
    """Make what came of a rate, with times where it was stable."""
    figures = Figures(p50_ms=p50_ms, p99_ms=p50_ms * 3) if p50_ms else None
    return RatePoint(
        variant=variant,
        rate=rate,
        stability="stable" if p50_ms else "unstable",
        reason=reason,
        figures=figures,
    )


def test_every_rate_has_a_row_and_no_time_above_the_highest_that_was_sustained() -> None:
    points = (
        rate_point("uncached", 100, 5.0),
        rate_point("uncached", 200, None, "70.0% of the arrivals were answered 200"),
        rate_point("uncached", 400, 99.0),
        rate_point("naive", 100, None, "grew"),
    )
    found = open_loop(
        replace(
            results(),
            open_loop=OpenLoopResult(
                points=points,
                highest_sustained={"uncached": 100.0, "naive": None},
            ),
        )
    )

    assert open_loop(results()) is None
    assert table(found).rows == [
        ["uncached", "100", "5.00", "15.0", "stable"],
        ["uncached", "200", "-", "-", "unstable: 70.0% of the arrivals were answered 200"],
        ["uncached", "400", "-", "-", "stable: but a lower rate was not"],
        ["naive", "100", "-", "-", "unstable: grew"],
    ]
    assert found is not None
    assert found.sentences[1] == "Sustained: uncached 100 per second; naive none of the rates."


@pytest.mark.parametrize(
    ("stabilities", "highest", "said"),
    [
        (["stable", "unstable"], 100, "100 per second"),
        (["unstable", "stable"], None, "none of the rates"),
        # A rate at which the generator was late tells nothing: the run knows only the bounds.
        (
            ["stable", "generator-limited", "unstable"],
            100,
            "at least 100, less than 300 per second",
        ),
        (["stable", "generator-limited"], 100, "at least 100 per second"),
        (["stable", "stable"], 200, "at least 200 per second"),
        (["generator-limited", "unstable"], None, "less than 200 per second"),
        (["generator-limited", "generator-limited"], None, "not known"),
    ],
)
def test_what_a_variant_sustained_is_said_only_as_far_as_the_rates_tell(
    stabilities: list[Stability], highest: float | None, said: str
) -> None:
    points = [
        replace(rate_point("cached", 100 * number, None), stability=stability)
        for number, stability in enumerate(stabilities, 1)
    ]
    found = OpenLoopResult(points=tuple(points), highest_sustained={"cached": highest})
    section = open_loop(replace(results(), open_loop=found))

    assert section is not None
    assert section.sentences[1].removeprefix("Sustained: cached ").rstrip(".") == said


def test_a_mix_has_its_hits_and_its_ratios() -> None:
    entry = mix("zipf", percentiles={"p50": 8.0, "p99": None})
    bare = mix("half-writes", speedup=None, reads_speedup=None, percentiles={"p50": 1, "p99": 2})

    assert table(mixes(replace(results(), workloads=(entry, bare)))).rows == [
        ["zipf", "cached", "0.60", "2.50x [2.38, 2.62]", "2.50x", "8.00x", "-"],
        ["half-writes", "cached", "0.60", "-", "-", "1.00x", "2.00x"],
    ]
    assert mixes(results()) is None

from dataclasses import replace
from typing import Any

from benchmarks.report.computed import Results
from benchmarks.report.judged import checks, coherence
from benchmarks.report.measured import capacity, hit_path, requests, sessions
from benchmarks.report.page import Section, Table
from benchmarks.report.results import assemble
from tests.unit.benchmarks import simulate
from tests.unit.benchmarks.capacity.steps import sweep_steps
from tests.unit.benchmarks.report.runs import session_run
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


def test_the_hit_path_is_a_ratio_to_the_reference_and_to_the_ceiling_where_there_is_one() -> None:
    found = rows(hit_path(results(), scenario()))
    without = hit_path(results("uncached", "cached", coherence=()), scenario())

    assert found["cached"][2:] == ["4.00", "10.00x [10.00, 10.00]", "0.75 [0.75, 0.75]"]
    assert found["uncached"][3] == "reference"
    assert found["static"][4] == "ceiling"
    assert without is not None
    assert len(table(without).headings) == 4
    assert len(without.sentences) == 1


def test_writes_have_a_median_and_no_hit_path_and_no_ceiling() -> None:
    written = scenario("writes", primed="request", changes=True, changing=("complete",))
    samples = [
        replace(each, outcome="write", scenario="writes", duration_s=0.008)
        for each in run_samples(variants=("uncached", "cached"))
    ]

    about = variants("uncached", "cached", "static")
    made = assemble(header(variants=about, scenarios=(written,)), samples)

    assert hit_path(made, written) is None
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

    found = capacity(results(steps=steps))

    assert capacity(results()) is None
    assert found is not None
    assert found.table is not None
    assert {row[0] for row in found.table.rows} == {"uncached", "cached"}
    assert {row[4] for row in found.table.rows if row[0] == "uncached"} == {"reference"}

from dataclasses import replace
from functools import cache

import pytest

from benchmarks.report.capacity import SweepResults, assemble_sweep, sweep_from_json, sweep_page
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Table
from benchmarks.report.results import ResultsUnreadable
from tests.unit.benchmarks.capacity.steps import RATES, header, step, sweep_steps


@cache
def whole() -> SweepResults:
    """Return the results of a whole sweep; nobody may change them."""
    return assemble_sweep(header(), sweep_steps())


def table(results: SweepResults, heading: str) -> Table:
    [found] = [each.table for each in sweep_page(results).sections if each.heading == heading]
    assert found is not None
    return found


def test_every_variant_has_a_row_per_number_of_connections_and_every_target_its_verdict() -> None:
    rows = table(whole(), "Warm reads by connections").rows
    targets = {row[0]: row[2:] for row in table(whole(), "Targets").rows}

    assert [tuple(row[:2]) for row in rows] == [(name, each) for name in RATES for each in "18"]
    assert rows[3][3:5] == ["0.14", "0.36"]
    measured, verdict = targets["cached: p50 of hits at most 1.3x static's"]
    assert measured.startswith("1.2")
    assert verdict == "held"
    assert targets["cached: requests/s of hits at least 2.5x the fastest library"][1] == (
        "not measured"
    )


def test_what_a_request_takes_is_told_as_a_multiple_of_the_reference() -> None:
    steps = [
        step(
            variant=variant,
            asks=asks,
            round=number,
            requests=requests + number,
            connections=1,
            service_cores=0.5,
            redis_cores=0.1,
        )
        for variant, requests in (("uncached", 1000), ("cached", 800))
        for asks in ("miss", "write")
        for number in range(3)
    ]

    rows = table(assemble_sweep(header(), steps), "Requests").rows

    assert [row[:6] for row in rows] == [
        ["uncached", "miss", "1.00", "0.50", "0.10", "-"],
        ["uncached", "write", "1.00", "0.50", "0.10", "-"],
        ["cached", "miss", "1.25", "0.62", "0.12", "-"],
        ["cached", "write", "1.25", "0.62", "0.12", "-"],
    ]
    assert rows[0][6] == "-"
    assert rows[2][6].startswith("1.25 [")


def test_the_reference_is_the_first_service_whatever_its_number_of_workers() -> None:
    first = whole().variants[0].name
    options = replace(whole().options, variants=("other",), workers=(2, 4))
    # With --workers the services have names of their own, such as uncached-x2.
    results = replace(whole(), options=options)

    reads = table(results, "Warm reads by connections")
    assert reads.headings[-1] == f"to {first} [90 %]"
    assert {row[-1] for row in reads.rows if row[0] == first} == {"reference"}
    assert table(results, "Requests").headings[-1] == f"to {first} [90 %]"
    assert "2, 4 workers per service." in sweep_page(results).headline[0]


def test_a_busy_client_is_flagged_and_processor_time_that_cannot_be_read_is_left_out() -> None:
    busy = assemble_sweep(header(), [step(), step(round=1, client_cores=0.9)])
    unread = assemble_sweep(header(), [step(service_cores=None)])

    assert table(busy, "Warm reads by connections").rows[0][-2].endswith(" client!")
    assert table(unread, "Warm reads by connections").rows[0][-2] == "-"


def test_an_unfinished_sweep_says_so_first() -> None:
    results = assemble_sweep(header(state="interrupted", reason="it was stopped"), [step()])

    text = to_markdown(sweep_page(results))

    assert text.index("This run is interrupted: it was stopped.") < text.index("## ")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"schema": "fivefold.results/2"}', "schema"),
        ('{"schema": "fivefold.capacity/1"}', "it lacks state"),
    ],
)
def test_a_text_that_is_no_sweep_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ResultsUnreadable, match=complaint):
        sweep_from_json(text)

import xml.etree.ElementTree as ET
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from benchmarks.report.capacity import assemble_ladder, ladder_from_json
from benchmarks.report.capacity_figure import capacity_svg
from benchmarks.report.capacity_view import caption, ladder_page
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Table
from benchmarks.report.results import Results, ResultsUnreadable, to_json
from benchmarks.report.terminal import print_page
from tests.unit.benchmarks.capacity.steps import RATES, header, step, sweep_steps


def table(results: Results, heading: str) -> Table:
    [found] = [each.table for each in ladder_page(results).sections if each.heading == heading]
    assert found is not None
    return found


def test_the_same_steps_give_the_same_bytes_and_survive_a_round_trip() -> None:
    first = assemble_ladder(header(), sweep_steps())
    again = assemble_ladder(ladder_from_json(to_json(first)), sweep_steps())

    assert to_json(again) == to_json(first)
    assert to_markdown(ladder_page(again)) == to_markdown(ladder_page(first))
    assert capacity_svg(again) == capacity_svg(first)


def test_every_variant_has_a_row_per_number_of_connections() -> None:
    rows = table(assemble_ladder(header(), sweep_steps()), "Capacity").rows

    assert [tuple(row[:2]) for row in rows] == [(name, each) for name in RATES for each in "18"]
    assert rows[3][3:6] == ["0.14", "0.36", "1.00"]


def test_targets_come_with_figures_and_what_was_not_measured_says_so() -> None:
    rows = table(assemble_ladder(header(), sweep_steps()), "Targets").rows

    verdicts = {row[0]: row[3] for row in rows}
    assert verdicts["cached: requests/s at least 5x uncached"] == "held"
    assert verdicts["cached: requests/s at least 5x aiocache"] == "not measured"
    assert next(row[2] for row in rows if "uncached" in row[0]).startswith("7.")


def test_a_busy_client_is_flagged_in_its_row_and_explained() -> None:
    steps = [step(round=number, client_cores=0.95) for number in (0, 1)]
    results = assemble_ladder(header(), steps)

    assert table(results, "Capacity").rows[0][-1] == "0.95 client!"
    assert "client!: the client used more than 85% of a core" in to_markdown(ladder_page(results))


def test_processor_time_that_cannot_be_read_is_left_out_and_said() -> None:
    results = assemble_ladder(header(), [step(service_cores=None)])

    assert table(results, "Capacity").rows[0][-2] == "-"
    assert "cannot be read on this system" in to_markdown(ladder_page(results))


def test_tables_are_whole_on_80_columns() -> None:
    output = StringIO()
    results = assemble_ladder(header(), sweep_steps())

    print_page(ladder_page(results), Console(file=output, width=80))

    assert "…" not in output.getvalue()
    assert all(len(line) <= 80 for line in output.getvalue().splitlines())


def test_an_unfinished_ladder_says_so_first_and_can_be_drawn() -> None:
    results = assemble_ladder(header(state="interrupted", reason="it was stopped"), [step()])

    text = to_markdown(ladder_page(results))

    assert text.index("This run is interrupted: it was stopped.") < text.index("## ")
    assert capacity_svg(results)


def test_the_figure_is_well_formed_names_its_axes_and_variants_and_has_a_caption() -> None:
    results = assemble_ladder(header(), sweep_steps())

    words = [
        "".join(element.itertext()).strip()
        for element in ET.fromstring(capacity_svg(results)).iter()
        if element.tag.endswith("}text")
    ]

    assert {"connections (log2)", "requests per second", *RATES} <= set(words)
    assert caption(results).split(".")[0] in " ".join(words)


def test_the_figure_marks_every_number_of_connections() -> None:
    results = assemble_ladder(header(), sweep_steps())

    svg = capacity_svg(results)

    assert all(f">{each}</text>" in svg for each in (1, 8))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nonsense", "not JSON"),
        ('{"schema": "fivefold.results/2"}', "schema"),
        ('{"schema": "fivefold.capacity/1"}', "it lacks state"),
    ],
)
def test_a_text_that_is_no_ladder_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ResultsUnreadable, match=complaint):
        ladder_from_json(text)


def test_brackets_and_bars_in_names_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    about: Any = header()["environment"] | {"date_utc": "[red]|"}

    print_page(ladder_page(assemble_ladder(header(environment=about), [step()])), Console())

    assert "[red]|" in capsys.readouterr().out

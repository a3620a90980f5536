"""The page on scale holds what the command prints, and what it prints follows from the model."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.model.fleet import plan
from benchmarks.scale.question import Question
from benchmarks.scale.view import page

PAGE = Path(__file__).parents[4] / "docs" / "scale.md"
_QUOTED = re.compile(r"<!-- (fivefold scale[^>]*) -->\n(.*?)<!-- end -->", re.DOTALL)


def quoted() -> list[tuple[str, str]]:
    """Return each command on the page with what stands under it."""
    return _QUOTED.findall(PAGE.read_text(encoding="utf-8"))


@cache
def printed(command: str) -> str:
    """Return what a command prints as Markdown; some are on the page several times."""
    result = CliRunner().invoke(app, [*shlex.split(command)[1:], "--markdown"])
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize(("command", "text"), quoted())
def test_the_page_holds_what_the_command_prints(command: str, text: str) -> None:
    assert text.strip() in printed(command)


def test_the_page_has_a_table_of_the_fleet_and_one_of_the_leases() -> None:
    texts = [text for _, text in quoted()]

    assert len(texts) >= 3
    assert any("requests per second | 1 000 | 100 000 | 1 000 000" in text for text in texts)
    assert any("| 10 000 |" in text and "renewals" in text for text in texts)


def test_each_rate_has_a_column() -> None:
    question = Question(rates=(500, 7000), processes=(2,))
    fleet = page(question).sections[0].table

    assert fleet is not None
    assert list(fleet.headings) == ["requests per second", "500", "7 000"]
    [workers] = [row for row in fleet.rows if row[0].startswith("**workers")]
    assert workers[1:] == [
        str(plan(question.demand(rate), question.costs).workers) for rate in question.rates
    ]


def test_processes_that_the_database_cannot_carry_never_all_cache() -> None:
    question = Question(processes=(2, 40), database_cores=1).costing(["database-fence=20"])
    leases = page(question).sections[1].table

    assert leases is not None
    few, many = leases.rows
    assert few[4] == "0 %"
    assert many[4] != "0 %"
    assert many[7] == "never"


def test_a_cost_says_where_it_comes_from() -> None:
    question = Question(processes=(2,)).costing(["worker-hit=0.1"])
    costs = page(question).sections[-1].table

    assert costs is not None
    origins = {name: origin for name, _, origin in costs.rows}
    assert origins["worker-hit"] == "given"
    assert origins["worker-miss"].startswith("measured on SecantusDB")


def test_on_a_terminal_it_is_tables() -> None:
    result = CliRunner().invoke(app, ["scale", "--rate", "100", "--processes", "2"])

    assert result.exit_code == 0
    assert "The fleet" in result.output
    assert "| ---" not in result.output


def test_a_wrong_number_is_a_usage_error() -> None:
    result = CliRunner().invoke(app, ["scale", "--hit-ratio", "2"])

    assert "--hit-ratio is 2" in str(result.exception)

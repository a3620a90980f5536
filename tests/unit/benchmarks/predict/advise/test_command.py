from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from benchmarks.cli.predicting import advise as command
from benchmarks.predict.advise.page import advise
from benchmarks.predict.advise.question import NUMBERS, Question
from benchmarks.report.results import assemble
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.simulate import header, run_samples


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    samples = [
        replace(each, cache_ms=0.4 if each.outcome == "hit" else 0.0)
        for each in run_samples(db_ms=45.0)
    ]
    run = Run(tmp_path / "20260101-000000-quick-abcd")
    run.path.mkdir()
    run.write(run.results_file, to_json(assemble(header(), samples)))
    return run.path


def printed(question: Question) -> str:
    output = StringIO()
    assert advise(question, console=Console(file=output, width=100)) == 0
    return " ".join(output.getvalue().split())


def test_a_stored_run_is_advised_on_by_its_cost_model(run_dir: Path) -> None:
    text = printed(Question.asked(run_dir))

    assert "Yes, a cache is worth it here: with 80 % of the reads" in text
    # Options come before what the run measured.
    assert "No, a cache is not worth it here" in printed(Question.asked(run_dir, db_ms=0.5))


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is not the folder of a run, such as reports/latest"):
        printed(Question.asked(tmp_path))


def test_every_number_is_an_option_of_the_command() -> None:
    app = typer.Typer()
    app.command()(command)
    arguments = [f"--{name.replace('_', '-')}={number.least:g}" for name, number in NUMBERS.items()]

    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "100"})

    assert result.exit_code == 0, result.output
    assert "No, a cache is not worth it here" in result.output
    assert "numbers are assumed" not in result.output


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_out_of_range_is_named_with_its_range_and_its_meaning(name: str) -> None:
    number = NUMBERS[name]

    for end in (number.least, number.most):
        assert Question.asked(**{name: end}).numbers[name] == end
    for value in (number.least - 1, number.most + 1, float("nan")):
        with pytest.raises(UsageError) as refused:
            Question.asked(**{name: value})
        text = str(refused.value)
        assert text.startswith(f"--{name.replace('_', '-')} is {value}; it takes ")
        assert number.meaning in text


def test_a_number_that_there_is_not_is_refused_and_so_is_none_without_a_run() -> None:
    with pytest.raises(UsageError, match="give --db-ms, the milliseconds that a hit avoids"):
        Question.asked()
    with pytest.raises(UsageError, match="no option --hit-rate"):
        Question.asked(hit_rate=0.5)

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from benchmarks.cli.predicting import advise as command
from benchmarks.predict.advise.question import NUMBERS, Question
from benchmarks.predict.advise.run import advise
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.diff.runs import write_run
from tests.unit.benchmarks.simulate import run_samples


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    samples = [
        replace(each, cache_ms=0.4 if each.outcome == "hit" else 0.0)
        for each in run_samples(db_ms=45.0)
    ]
    return write_run(tmp_path / "20260101-000000-quick-abcd", samples)


def printed(question: Question) -> str:
    output = StringIO()
    assert advise(question, console=Console(file=output, width=100)) == 0
    return " ".join(output.getvalue().split())


def test_a_stored_run_is_advised_on_by_its_samples(run_dir: Path) -> None:
    text = printed(Question.asked(run_dir))

    assert "Yes, a cache is worth it here: with 80 % of the reads" in text
    # Options come before what the run measured.
    assert "No, a cache is not worth it here" in printed(Question.asked(run_dir, db_ms=0.5))


def test_without_a_number_the_latest_run_is_taken_and_that_is_said_first(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run_dir.parent)
    with pytest.raises(UsageError, match="give --db-ms, the milliseconds that a hit avoids"):
        printed(Question.asked())

    Path("reports").mkdir()
    Path("reports/latest").symlink_to(run_dir)
    text = printed(Question.asked())

    said = "No number was given: this is about the last run, reports/latest."
    assert text.startswith(said)
    assert "(cached, native)" in text
    assert said not in printed(Question.asked(db_ms=12))


def test_a_folder_without_a_run_or_without_samples_is_named(tmp_path: Path, run_dir: Path) -> None:
    Run(run_dir).samples_file.unlink()

    with pytest.raises(UsageError, match=r"is not the folder of a run, such as reports/latest"):
        printed(Question.asked(tmp_path))
    with pytest.raises(UsageError, match="no variant beside uncached"):
        printed(Question.asked(run_dir))


def test_every_number_is_an_option_of_the_command() -> None:
    app = typer.Typer()
    app.command()(command)
    arguments = [f"--{name.replace('_', '-')}={number.least:g}" for name, number in NUMBERS.items()]

    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "100"})

    assert result.exit_code == 0, result.output
    assert "No, a cache is not worth it here" in result.output
    assert "numbers are assumed" not in result.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("db_ms", 0), ("db_ms", -1), ("hit_ratio", 1.2), ("hit_ratio", -0.1), ("writes", 1),
        ("users", 0), ("skew", -1), ("ttl", 0), ("entry_bytes", 0), ("want", 1),
        ("rate", 0), ("ttl", float("nan")), ("db_ms", float("inf")),
    ],
)  # fmt: skip
def test_a_number_out_of_range_is_named_with_its_range_and_its_meaning(
    name: str, value: float
) -> None:
    with pytest.raises(UsageError) as refused:
        Question.asked(**{name: value})

    text = str(refused.value)
    assert text.startswith(f"--{name.replace('_', '-')} is {value}; it takes ")
    assert NUMBERS[name].meaning in text
    with pytest.raises(UsageError, match="no option --hit-rate"):
        Question.asked(hit_rate=0.5)


@pytest.mark.parametrize("name", NUMBERS)
def test_both_ends_of_every_range_are_taken(name: str) -> None:
    for end in (NUMBERS[name].least, NUMBERS[name].most):
        assert Question.asked(**{name: end}).numbers[name] == end


def test_nothing_has_to_be_said_and_a_workload_is_said_by_any_part_of_it() -> None:
    assert not Question.asked().says_workload
    assert all(
        Question.asked(**{name: 2}).says_workload for name in ("users", "rate", "skew", "ttl")
    )

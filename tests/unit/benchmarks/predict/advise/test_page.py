from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from benchmarks.analysis.model.sizing import size_for
from benchmarks.cli.predicting import advise as command
from benchmarks.predict.advise.answer import Evidence, answer, gather
from benchmarks.predict.advise.page import advise, page
from benchmarks.predict.advise.question import NUMBERS, Question
from benchmarks.report.markdown import to_markdown
from benchmarks.report.results import assemble
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.simulate import header, run_samples

FAR = {"app_ms": 1.2, "db_ms": 50, "hit_ms": 0.15, "miss_ms": 1.5}
NEAR = FAR | {"db_ms": 1.2}
# Of the last measured costs; a thousand bytes of a million users need no second node.
NEEDS = size_for(1e5, hit_ratio=0.9, writes=0.05, entries_bytes=1e9)


def said(evidence: Evidence | None = None, /, **numbers: float) -> str:
    facts = gather(Question.asked(Path("run"), **numbers), evidence)
    return " ".join(to_markdown(page(facts, answer(facts), evidence)).split())


@pytest.mark.parametrize(
    ("numbers", "sentences"),
    [
        (
            FAR | {"hit_ratio": 0.8, "writes": 0},
            ["Yes, a cache is worth it here", "11.6 ms instead of 51.2 ms on average, 4.41x as"],
        ),
        (
            NEAR | {"hit_ratio": 0.5, "writes": 0},
            ["No, a cache is not worth it", "0.91x", "from a hit ratio of 58.8 % on", "1.65 ms"],
        ),
        (NEAR | {"hit_ratio": 0.62, "writes": 0}, ["Hardly: with 62 % of the reads"]),
        # The reads gain, and the writes cost more.
        (
            NEAR | {"hit_ratio": 0.9, "writes": 0.7, "invalidation_ms": 3},
            ["No, a cache is not worth it", "1.50x as fast; with the 70 % writes", "0.56x"],
        ),
        ({"db_ms": 0.1, "hit_ms": 0.2}, ["No hit ratio helps: a hit costs 0.20 ms and spares 0.1"]),
        (
            NEAR | {"hit_ratio": 0.9, "writes": 0.7, "invalidation_ms": 5},
            ["No hit ratio makes up for what the cache adds to the writes."],
        ),
        (
            NEAR,
            ["5x is impossible here", "1.78x", "at least 5.55 ms (here 1.20 ms), or a hit of at "],
        ),
        (
            FAR | {"users": 1000, "rate": 100, "skew": 0.99, "writes": 0, "ttl": 300},
            ["take a hit ratio of 82.7 %; with 97 % that is reached."],
        ),
        (
            {"rate": 1e5, "hit_ratio": 0.9, "writes": 0.05, "users": 1_000_000},
            [
                f"| workers | {NEEDS.workers_without} | {NEEDS.workers} |",
                f"| Redis nodes | - | {NEEDS.redis_nodes} |",
                f"| {NEEDS.database_cores_without:.0f} | {NEEDS.database_cores:.0f} |",
            ],
        ),
        # More than one node can hold.
        ({"rate": 10, "users": 100_000, "entry_bytes": 1_000_000}, ["| Redis nodes | - | 7 |"]),
        (
            {"users": 1000, "entry_bytes": 1000},
            ["1 000 bytes takes 1 154 in Redis", "entries of 1 000 users take 1.1 MiB"],
        ),
        (
            {"db_ms": 12},
            ["| --db-ms | 12 | given |", "| --hit-ratio | 0.93 | predicted |", "12 numbers are as"],
        ),
    ],
)
def test_what_is_advised_is_said_in_words(numbers: dict[str, float], sentences: list[str]) -> None:
    text = said(**numbers)

    assert [each for each in sentences if each not in text] == []
    # Without a rate there is nothing to count workers for.
    assert "rate" in numbers or "workers" not in text


def test_of_a_run_its_sessions_are_named_and_failed_checks_said_first() -> None:
    numbers, failed = {"hit_ratio": 0.8}, ["errors", "bodies"]
    text = said(Evidence(label="cached, native", numbers=numbers, session=5, failed_checks=failed))

    assert "sessions of 5 reads from a cold cache (cached, native)" in text
    assert "keep in mind - Checks of this run failed (errors, bodies)" in text


def printed(question: Question) -> str:
    output = StringIO()
    assert advise(question, console=Console(file=output, width=100)) == 0
    return " ".join(output.getvalue().split())


def test_a_stored_run_is_advised_on_by_its_cost_model_unless_an_option_says_otherwise(
    tmp_path: Path,
) -> None:
    run = Run(tmp_path)
    with pytest.raises(UsageError, match=r"is not the folder of a run, such as reports/latest"):
        printed(Question.asked(run.path))
    samples = [
        replace(each, cache_ms=0.4 if each.outcome == "hit" else 0.0)
        for each in run_samples(db_ms=45.0)
    ]
    run.write_all({run.results_file: to_json(assemble(header(), samples))})

    assert "Yes, a cache is worth it here: with 80 % of" in printed(Question.asked(run.path))
    assert "No, a cache is not worth it" in printed(Question.asked(run.path, db_ms=0.5))


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
        with pytest.raises(UsageError, match=f"^--.* is {value}; it takes .*{number.meaning}"):
            Question.asked(**{name: value})


@pytest.mark.parametrize(
    ("asked", "refused"), [({}, "give --db-ms, the mill"), ({"hit_rate": 0.5}, "option --hit-rate")]
)
def test_no_number_and_a_number_that_there_is_not_are_refused(
    asked: dict[str, Any], refused: str
) -> None:
    with pytest.raises(UsageError, match=refused):
        Question.asked(**asked)

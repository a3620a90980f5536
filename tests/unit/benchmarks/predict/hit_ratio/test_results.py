import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.predict.hit_ratio import figures
from benchmarks.predict.hit_ratio.figures import make_curves
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, Point, grid
from benchmarks.predict.hit_ratio.report import page, read, write_files
from benchmarks.predict.hit_ratio.results import HitRatioResults, assemble, from_json
from benchmarks.predict.hit_ratio.run import BLOCKS, hit_ratio
from benchmarks.predict.hit_ratio.workload import AXES, predict
from benchmarks.report.figure import Figure
from benchmarks.report.results import ResultsUnreadable
from benchmarks.runner.services import Dependencies
from benchmarks.storage.plain import to_json
from benchmarks.storage.records import Sample
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.simulate import ENVIRONMENT, sample

QUESTION = HitRatioQuestion(users=60, rate=1.0)


def as_measured(*, off_by: float = 0.0, points: int = 1) -> list[tuple[Point, list[list[Sample]]]]:
    """Return the first points as if they had come out as predicted, or that much off."""
    return [
        (point, [block(point, predict(point.workload) + off_by, n) for n in range(BLOCKS)])
        for point in grid(QUESTION)[:points]
    ]


def block(point: Point, hit_ratio: float, number: int) -> list[Sample]:
    """Return 200 reads at the rate of the point, of which every second block has a hit more."""
    hits = round(200 * hit_ratio) + number % 2
    return [
        sample(
            start_s=index / point.workload.rate,
            slots="todos=hit" if index < hits else "todos=expired",
        )
        for index in range(200)
    ]


@pytest.fixture(scope="module")
def results() -> HitRatioResults:
    return assemble(QUESTION, as_measured(points=8), ENVIRONMENT)


@pytest.fixture(scope="module")
def drawn(results: HitRatioResults) -> Figure:
    return make_curves(results)


def test_points_as_predicted_are_all_within(results: HitRatioResults) -> None:
    points = results.points

    assert all(point.within for point in points)
    assert f"{len(points)} of {len(points)} points lie within" in page(results).lead
    assert all(check.passed for check in results.checks)


def test_a_point_that_is_off_says_so_and_by_how_much() -> None:
    results = assemble(QUESTION, as_measured(off_by=-0.05), ENVIRONMENT)

    (point,) = results.points
    assert not point.within
    assert point.off_by.centre == pytest.approx(-0.05, abs=0.006)
    table = next(each for each in page(results).sections if each.heading.startswith("Predicted"))
    assert table.table is not None
    assert table.table.rows[0][-1] == "NO"


def test_a_failed_check_stands_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: Figure
) -> None:
    monkeypatch.setattr(figures, "make_curves", lambda _: drawn)
    ((point, (first, *others)),) = as_measured()
    wrong = [replace(each, status=503) for each in first[:4]]
    results = assemble(QUESTION, [(point, [wrong + first[4:], *others])], ENVIRONMENT)
    run = Run(tmp_path)

    published = write_files(run, results)

    assert published.check_failed
    assert [check.name for check in failed_checks(results.checks)] == ["errors"]
    assert "4 answers were not 200" in (run.path / "report.md").read_text()
    assert {file.name for file in run.figures.iterdir()} == {"curves.svg", "curves.csv"}


@pytest.mark.parametrize(
    ("outcome", "lookups", "failed"),
    [
        ("evicted", 1, ["evictions"]),
        ("too-large", 100, []),
        *((reason, 100, ["bypass"]) for reason in ("off", "fenced", "unleased", "unavailable")),
    ],
)
def test_lookups_that_the_cache_did_not_answer_fail_the_check_unless_they_are_predicted(
    outcome: str, lookups: int, failed: list[str]
) -> None:
    ((point, (first, *others)),) = as_measured()
    odd = [replace(each, slots=f"todos={outcome}") for each in first[:lookups]]

    results = assemble(QUESTION, [(point, [odd + first[lookups:], *others])], ENVIRONMENT)

    assert [check.name for check in failed_checks(results.checks)] == failed


def test_each_block_is_predicted_at_the_rate_that_it_had() -> None:
    ((point, blocks),) = as_measured()
    fast = point.workload.rate
    halves = [
        [replace(each, start_s=each.start_s * (10 if number % 2 else 1)) for each in block]
        for number, block in enumerate(blocks)
    ]

    (found,) = assemble(QUESTION, [(point, halves)], ENVIRONMENT).points

    at_both = [predict(replace(point.workload, rate=rate)) for rate in (fast, fast / 10)]
    assert found.predicted == pytest.approx(sum(at_both) / 2, abs=1e-4)


def test_results_are_the_same_when_they_were_stored_and_others_are_refused(
    results: HitRatioResults, tmp_path: Path
) -> None:
    assert from_json(to_json(results)) == results
    # An earlier version stored more.
    stored = json.loads(to_json(results)) | {"more": 1}
    assert from_json(json.dumps(stored)) == results
    with pytest.raises(ResultsUnreadable, match="schema"):
        from_json(json.dumps({"schema": "fivefold.results/3"}))
    with pytest.raises(UsageError, match="is not the folder of a run"):
        read(tmp_path)


def test_the_figure_says_what_it_shows_and_one_axis_can_be_drawn_alone(
    results: HitRatioResults, drawn: Figure
) -> None:
    ET.fromstring(drawn.svg)
    assert drawn.alt.endswith("8 of 8 points within 0.02." if len(results.points) == 8 else ".")
    assert all(len(row) == len(drawn.table.headings) for row in drawn.table.rows)
    alone = make_curves(results, ["ttl"])
    assert alone.name == "by-ttl"
    assert AXES["ttl"] in alone.svg


def printed(question: HitRatioQuestion) -> str:
    output = StringIO()
    assert (
        hit_ratio(question, {}, dependencies=Dependencies(console=Console(file=output, width=100)))
        == 0
    )
    return " ".join(output.getvalue().split())


def test_a_prediction_is_printed() -> None:
    text = printed(replace(QUESTION, writes=0.2))

    assert "of the reads of a list hit." in text
    assert "The slot is the todo list of GET /todo/" in text
    assert "no TTL is long enough" in text

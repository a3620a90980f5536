"""No table that a command prints loses a cell, at any width of a terminal."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rich.console import Console

from benchmarks.capacity.soak import Soaked
from benchmarks.capacity.soak import page as soak_page
from benchmarks.coherence.race.report import page as race_page
from benchmarks.diff.changes import diff_runs
from benchmarks.diff.page import diff_page
from benchmarks.diff.runs import read_run
from benchmarks.micro.report import page as micro_page
from benchmarks.micro.saved import load_run
from benchmarks.predict.advise.answer import answer
from benchmarks.predict.advise.facts import evidence_of, gather
from benchmarks.predict.advise.page import page as advice_page
from benchmarks.predict.advise.question import Question
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.predict.hit_ratio.report import page as hit_ratio_page
from benchmarks.predict.hit_ratio.results import assemble
from benchmarks.report.capacity import assemble_sweep, sweep_page
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_page
from benchmarks.report.view import page
from tests.unit.benchmarks.analysis.model.requests import sessions, writes
from tests.unit.benchmarks.capacity import steps
from tests.unit.benchmarks.coherence.race.races import race, recording
from tests.unit.benchmarks.diff.runs import samples, write_run
from tests.unit.benchmarks.micro.saves import entry, save
from tests.unit.benchmarks.predict.hit_ratio.fakes import as_measured
from tests.unit.benchmarks.report.runs import everything, target_run
from tests.unit.benchmarks.report.test_load_view import results as load_results
from tests.unit.benchmarks.simulate import ENVIRONMENT

WIDTHS = (80, 100, 120, 160)


def diff(folder: Path) -> Page:
    runs = [
        write_run(folder / name, samples(seed=seed), environment=steps.header().environment)
        for seed, name in enumerate(("20260101-000000-quick-aaaa", "20260102-000000-quick-bbbb"))
    ]
    return diff_page(diff_runs(read_run(runs[0]), read_run(runs[1]), margin=0.1))


def advice(_folder: Path) -> Page:
    evidence = evidence_of([*sessions(), *writes()])
    facts = gather(Question.asked(Path("run"), rate=100_000.0), evidence)
    return advice_page(facts, answer(facts), evidence)


def hit_ratio(_folder: Path) -> Page:
    question = HitRatioQuestion(users=60, rate=1.0)
    return hit_ratio_page(assemble(question, as_measured(question, points=8), ENVIRONMENT))


def micro(folder: Path) -> Page:
    times_s = [0.000123456 * number for number in range(1, 800)]
    names = ("uncached", "cached", "fastapi-redis-sdk")
    path = save(
        folder / "run.json",
        *(
            entry(
                times_s,
                name=f"test_a_read_of_a_list_of_many_todos[{name}-invalidated]",
                variant=name,
                outcome="invalidated",
            )
            for name in names
        ),
    )
    return micro_page(path, load_run(path))


def soak(_folder: Path) -> Page:
    return soak_page(Soaked(requests=[0, 10_000_000], rss=[10**9, 10**10]))


LONG_NAMES = Page(
    "",
    [],
    [
        Section("", table=Table(("a" * 33, "b" * 33, "verdict"), [("c" * 33, "d" * 33, "open")])),
        Section("", table=Table(("x", "what"), [("y", "word " * 60)])),
    ],
)
PAGES: Mapping[str, Callable[[Path], Page]] = {
    "compare": lambda _: page(everything()),
    "compare of targets": lambda _: page(target_run()),
    "load": lambda _: page(load_results()),
    "capacity": lambda _: sweep_page(assemble_sweep(steps.header(), steps.sweep_steps())),
    "diff": diff,
    "advise": advice,
    "hit-ratio": hit_ratio,
    "race": lambda _: race_page(race(recording("naive"), recording("cached", revision=2))),
    "micro-benchmarks": micro,
    "soak": soak,
    "long names": lambda _: LONG_NAMES,
}


@cache
def made(name: str) -> Page:
    with TemporaryDirectory() as folder:
        return PAGES[name](Path(folder))


def tables(shown: Page) -> Iterator[Table]:
    """Yield the tables that a terminal shows: those of checks and of a model are in the files."""
    for section in shown.sections:
        if section.shown is not None and section.kind not in {"checks", "machine"}:
            yield section.shown
    if shown.answer is not None and shown.answer.rows:
        yield Table(("claim", "measured [90 %]", "verdict", ""), shown.answer.rows)


def without_blanks(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_every_cell_of_every_table_is_whole_and_in_its_row(name: str, width: int) -> None:
    output = StringIO()
    print_page(made(name), Console(file=output, width=width))

    lines = output.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    text = without_blanks(output.getvalue())
    found = list(tables(made(name)))
    assert found
    for table in found:
        for row in table.rows:
            side_by_side = "".join(map(without_blanks, row))
            records = "".join(
                without_blanks(f"{heading}: {cell}" if heading else cell)
                for heading, cell in zip(table.headings, row, strict=True)
            )
            assert side_by_side in text or records in text, row
        headings = "".join(map(without_blanks, table.headings))
        assert headings in text or all(without_blanks(each) in text for each in table.headings)

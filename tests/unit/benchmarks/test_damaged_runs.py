"""Stored runs that were damaged: one sentence, no traceback, and nothing that was there is lost."""

import copy
import errno
import gzip
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.analysis.header import Header
from benchmarks.cli.rendering import render, render_path
from benchmarks.diff.run import diff
from benchmarks.report.results import assemble
from benchmarks.report.write import report_files, write_report
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.simulate import header, run_samples

Damage = Callable[[random.Random, Path], object]


@pytest.fixture(name="undrawn", autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the figures out: they take longer than all else together."""
    undrawn = partial(report_files, draw=lambda _: [])
    monkeypatch.setattr("benchmarks.cli.rendering.report_files", undrawn)


@pytest.fixture(name="stored", scope="module")
def _stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored") / "20261122-000000-quick-0001"
    folder.mkdir()
    run, samples = Run(folder), run_samples(observations=4)
    run.append(samples)
    write_report(run, assemble(header(), samples), draw=lambda _: [])
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def said_of(call: Callable[[Console], int]) -> tuple[int, str]:
    """Return the exit code and what was said; an error of usage is 2, and any other escapes."""
    output = StringIO()
    try:
        return call(Console(file=output, width=100)), output.getvalue()
    except UsageError as error:
        return 2, str(error)


def rewritten(change: Callable[[dict[str, Any]], object]) -> Damage:
    def damage(_rng: random.Random, folder: Path) -> None:
        file = folder / "results.json"
        results = json.loads(file.read_text())
        change(results)
        file.write_text(json.dumps(results))

    return damage


def samples_as(change: Callable[[str], str]) -> Damage:
    def damage(_rng: random.Random, folder: Path) -> None:
        file = folder / "samples.csv.gz"
        text = change(gzip.decompress(file.read_bytes()).decode())
        file.write_bytes(gzip.compress(text.encode("utf-8", "surrogateescape")))

    return damage


def cells_as(column: str, value: str) -> Damage:
    def change(text: str) -> str:
        head, *rows = text.splitlines()
        place = head.split(",").index(column)
        split = [row.split(",") for row in rows]
        return "\n".join([head, *(",".join([*r[:place], value, *r[place + 1 :]]) for r in split)])

    return samples_as(change)


def last_rows(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([lines[0], *lines[len(lines) // 2 :]])


REFUSED: dict[str, tuple[Damage, str]] = {
    "no samples": (lambda _, folder: (folder / "samples.csv.gz").unlink(), "samples.csv.gz"),
    "a header alone": (samples_as(lambda text: text.splitlines()[0]), "holds no samples"),
    "half of the samples": (samples_as(last_rows), "of the 8 blocks"),
    "a row cut short": (samples_as(lambda text: text[:-30]), "another number of fields"),
    "a huge field": (samples_as(lambda text: text + "x" * 200_000), "field limit"),
    "another encoding": (samples_as(lambda text: text.replace("list", "l\udce4st")), "utf-8"),
    "a time that is none": (cells_as("duration_s", "nan"), "line 2"),
    "a negative time": (cells_as("duration_s", "-0.1"), "line 2"),
    "no time at all": (cells_as("duration_s", "0"), "positive"),
    "an unknown regime": (cells_as("regime", "moon"), "KeyError"),
    "an unknown variant": (cells_as("variant", "other"), "of the 1 summaries"),
    "no variants": (rewritten(lambda results: results.update(variants=[])), "results.json"),
    "no number": (lambda _, f: (f / "results.json").write_text('{"schema": NaN}'), "not JSON"),
    "deep nesting": (lambda _, f: (f / "results.json").write_text("[" * 100_000), "not JSON"),
    "another version": (rewritten(lambda results: results.update(schema="x/1")), "schema"),
    "an unknown name": (
        rewritten(lambda r: r["coherence"][0].update(x=1)),
        "coherence.0: x is an unknown name",
    ),
    "a list": (lambda _, folder: (folder / "results.json").write_text("[]"), "schema"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_computed_again_is_refused_and_left_as_it_is(
    name: str, stored: Path, tmp_path: Path
) -> None:
    damage, said = REFUSED[name]
    run = Path(shutil.copytree(stored, tmp_path / stored.name))
    damage(random.Random(1), run)
    before = contents(run)

    code, text = said_of(lambda console: render(run, console=console))

    assert code == 2
    assert said in text
    assert contents(run) == before


def test_the_file_of_results_leads_to_the_folder_of_its_run(stored: Path) -> None:
    with pytest.raises(UsageError) as refused:
        render_path(stored / "results.json")

    assert str(refused.value) == f"{stored / 'results.json'} is a file of a run: give {stored}"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_run_that_cannot_be_written_again_is_printed_and_left_as_it_is(
    number: int,
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = Path(shutil.copytree(stored, tmp_path / stored.name))
    before = contents(run)
    write_text = Path.write_text

    def refused(path: Path, text: str, **options: Any) -> int:
        if "report.html" in path.name:
            raise OSError(number, os.strerror(number))
        return write_text(path, text, **options)

    monkeypatch.setattr(Path, "write_text", refused)
    code, text = said_of(lambda console: render(run, console=console))

    assert code == 4
    assert "Verdicts" in text
    assert capsys.readouterr().err == (
        f"{run} cannot be written ({os.strerror(number)}). "
        "These files stay as they were: report.html, report.md, results.json\n"
    )
    assert contents(run) == before


def _bytes(rng: random.Random, folder: Path) -> None:
    """Change some bytes of a file."""
    file = folder / rng.choice(("results.json", "samples.csv.gz"))
    data = bytearray(file.read_bytes())
    for _ in range(rng.randint(1, 5)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    file.write_bytes(data)


def _text(rng: random.Random, folder: Path) -> None:
    """Change, cut or repeat characters of the samples, whose checksum is right afterwards."""
    file = folder / "samples.csv.gz"
    text = gzip.decompress(file.read_bytes()).decode()
    start = rng.randrange(len(text))
    end = start + rng.choice((0, 1, 2, 50))
    instead = rng.choice(("", "-", ",", "\n", '"', "9" * 30, "nan", "1e400", "\x00", "ü", "=1+1"))
    file.write_bytes(gzip.compress((text[:start] + instead + text[end:]).encode(), 1))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a value, as what holds it and its key there."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield value, key
        if isinstance(each, dict | list):
            yield from places(each)


def _header(rng: random.Random, folder: Path) -> None:
    """Change or take away one value of the header, of any depth."""
    file = folder / "results.json"
    results = json.loads(file.read_text())
    names = {each.name for each in fields(Header)} & results.keys()
    head = {key: results[key] for key in names}
    holder, key = rng.choice(list(places(head)))
    strange: list[Any] = [None, "x", -1, 1e308, [], {}, [[]], {"a": 1}, True, "ü", holder[key]]
    if rng.random() < 0.3:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(rng.choice(strange))
    file.write_text(json.dumps(results | head if head.keys() == names else head))


def damaged(seed: int, stored: Path, folder: Path) -> Path:
    rng = random.Random(seed)
    run = Path(shutil.copytree(stored, folder / stored.name))
    rng.choice((_bytes, _text, _header))(rng, run)
    return run


def check(seed: int, stored: Path, folder: Path) -> None:
    run = damaged(seed, stored, folder)
    try:
        code, text = said_of(lambda console: render(run, console=console))
        assert code in {0, 2}, (seed, text)
        code, text = said_of(lambda console: diff(stored, run, console=console))
        assert code in {0, 2, 3}, (seed, text)
    finally:
        shutil.rmtree(run)


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_a_run_with_any_damage_is_read_or_refused(seed: int, stored: Path, tmp_path: Path) -> None:
    for each in range(seed, seed + 3):
        check(each, stored, tmp_path)

"""What a comparison leaves behind that nothing disturbed."""

import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.cli.rendering import render
from benchmarks.comparison.compare import compare
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.plots import speedups
from benchmarks.report.write import report_files
from benchmarks.runner.options import CompareOptions
from benchmarks.storage.samples import read_samples
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.fake_dependencies import REGIMES, Fakes, few_cases, results_in

JUDGED = [name for name in REGIMES if name != "a/a"]


@dataclass(frozen=True)
class WholeComparison:
    """A run that nothing disturbed; many tests look at it, so none changes its folder."""

    fakes: Fakes
    options: CompareOptions
    code: int

    @property
    def folder(self) -> Path:
        return self.options.out / "latest"


def one_figure(results: Results) -> list[Figure]:
    """Draw one: all of them take longer than all else together."""
    figure = speedups.make_by_reads(results)
    return [] if figure is None else [figure]


@pytest.fixture(name="whole", scope="module")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> WholeComparison:
    folder = tmp_path_factory.mktemp("whole")
    fakes, options = Fakes(folder=folder), few_cases(folder, blocks=2)
    code = compare(options, {}, dependencies=replace(fakes.dependencies(), draw=one_figure))
    return WholeComparison(fakes, options, code)


def test_a_run_measures_every_regime_and_writes_its_folder(whole: WholeComparison) -> None:
    results = results_in(whole.options.out)
    samples = read_samples(whole.folder / "samples.csv.gz")
    assert whole.code == 0
    database_ms = {each.regime: each.database_ms for each in results.summaries}
    assert list(database_ms) == JUDGED
    assert list(database_ms.values()) == [1.0, 21.0, 101.0]
    assert results.state == "complete"
    # Against themselves both variants are measured twice, and the reference with two delays.
    assert len(results.blocks) == (3 * 2 * 2 + 4 * 2) * 2 + 2 * 2
    assert len(samples) == len(results.blocks) * 5
    assert str(whole.folder.readlink()) in whole.fakes.output.getvalue()


def test_nothing_is_left_behind(whole: WholeComparison) -> None:
    fakes = whole.fakes

    assert fakes.running == 0
    assert fakes.mongo.delay_ms == 0
    assert not fakes.mongo.open
    assert set(fakes.mongo.dropped) == {call["database"] for call in fakes.started}
    assert not any(fakes.databases.values())


def test_the_report_is_rendered_again_byte_for_byte(
    whole: WholeComparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = partial(report_files, draw=one_figure)
    monkeypatch.setattr("benchmarks.cli.rendering.report_files", drawn)
    first = contents(whole.folder)
    run = Path(shutil.copytree(whole.folder, tmp_path / whole.folder.resolve().name))
    for rendered in ("report.md", "report.html"):
        (run / rendered).unlink()

    code = render(run, console=Console(file=whole.fakes.output))

    assert code == 0
    assert contents(run) == first
    assert {"report.html", "figures/cumulative.svg", "figures/cumulative.csv"} <= set(first)


def test_a_folder_that_holds_no_run_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not the folder of a run"):
        render(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

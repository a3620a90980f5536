import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.capacity.performance import (
    DOCUMENTS,
    KEPT,
    PAGE,
    SIZES,
    filled,
    main,
    read,
    targets,
)
from benchmarks.report.capacity import assemble_sweep
from benchmarks.storage.plain import to_json
from benchmarks.storage.records import SweepStep
from tests.unit.benchmarks.capacity.steps import RATES, header, sweep_steps

ROOT = Path(__file__).parents[4]


def left_by(folder: Path, name: str, steps: Sequence[SweepStep]) -> None:
    """Leave a run as ``fivefold capacity --out`` does."""
    run = folder / name / f"20261130-000000-capacity-{name}"
    run.mkdir(parents=True)
    (run / "results.json").write_text(to_json(assemble_sweep(header(), steps)))
    (folder / name / "latest").symlink_to(run.name)


@pytest.fixture(name="runs")
def _runs(tmp_path: Path) -> Path:
    runs = tmp_path / "runs"
    steps = sweep_steps()
    costs = [
        replace(each, asks=asks, connections=1)
        for each in steps
        if each.variant in {"uncached", "cached"} and each.connections == 1
        for asks in ("miss", "write")
    ]
    for name in ("targets", "levers", "workers", *(f"document-{size}" for size in DOCUMENTS)):
        left_by(runs, name, [*steps, *costs])
    for todos in SIZES:
        # Of the largest list the cache has nothing, and takes longer than none.
        rate = 800.0 if todos == SIZES[-1] else 7000.0
        left_by(runs, f"size-{todos}", sweep_steps(rates=RATES | {"cached": rate}))
    (runs / "soak").mkdir()
    (runs / "soak" / "soak.json").write_text(
        json.dumps({"requests": [0, 1_000_000], "rss": [1, 121 * 2**20], "errors": 0})
    )
    (tmp_path / PAGE.parent).mkdir()
    (tmp_path / PAGE).write_text((ROOT / PAGE).read_text(encoding="utf-8"))
    return runs


def test_the_page_says_what_was_kept() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")

    assert filled(page, read(ROOT / KEPT)) == page


def test_what_was_measured_is_kept_told_in_the_page_and_printed_with_what_is_not_met(
    runs: Path, tmp_path: Path
) -> None:
    output = io.StringIO()

    code = main(runs, root=tmp_path, console=Console(file=output, width=1_000))

    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    kept = read(tmp_path / KEPT)
    assert code == 0
    assert kept.sweeps["targets"].steps == ()
    assert filled(page, kept) == page
    assert "Not measured yet" not in page
    assert "20261130-000000-capacity-targets" in page
    assert all(row[0] in output.getvalue() for row in targets(kept))
    [missed] = [line for line in output.getvalue().splitlines() if "Not met: " in line]
    assert "cached: RSS of a worker" in missed
    assert "121.0 MiB" in missed
    assert "at no size of a list slower than 1.15x uncached (95 %) (1.2" in missed
    assert "p50 of hits" not in missed


def test_a_part_that_was_not_measured_again_stays(runs: Path, tmp_path: Path) -> None:
    quiet = Console(file=io.StringIO())
    main(runs, root=tmp_path, console=quiet)
    page = (tmp_path / PAGE).read_text(encoding="utf-8")

    main(tmp_path / "nothing", root=tmp_path, console=quiet)

    assert (tmp_path / PAGE).read_text(encoding="utf-8") == page

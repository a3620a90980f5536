import io
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.analysis.model import sizing
from benchmarks.capacity.performance import (
    DOCUMENTS,
    KEPT,
    PAGES,
    REDIS_ALONE,
    SIZES,
    core_times,
    filled,
    main,
    read,
    targets,
)
from benchmarks.capacity.redis_alone import RedisAlone
from benchmarks.report.capacity import assemble_sweep
from benchmarks.storage.plain import to_json
from benchmarks.storage.records import SweepStep
from tests.unit.benchmarks.capacity.steps import RATES, header, sweep_steps

ROOT = Path(__file__).parents[4]
ALONE = RedisAlone(connections=8, rate=123_456.0, p50_ms=0.05)


def left_by(folder: Path, name: str, steps: Sequence[SweepStep]) -> None:
    """Leave a run as ``fivefold capacity --out`` does."""
    run = folder / name / f"20261130-000000-capacity-{name}"
    run.mkdir(parents=True)
    (run / "results.json").write_text(to_json(assemble_sweep(header(), steps)))
    (folder / name / "latest").symlink_to(run.name)


@pytest.fixture(name="runs")
def _runs(tmp_path: Path) -> Path:
    runs = tmp_path / "runs"
    steps = [replace(each, redis_cores=0.1, database_cores=0.4) for each in sweep_steps()]
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
    (runs / REDIS_ALONE).write_text(json.dumps([asdict(ALONE)]))
    for page in PAGES:
        (tmp_path / page.parent).mkdir(exist_ok=True)
        (tmp_path / page).write_text((ROOT / page).read_text(encoding="utf-8"))
    return runs


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_a_page_says_what_was_kept(name: Path) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")

    assert filled(page, read(ROOT / KEPT)) == page


def test_advice_about_a_rate_rests_on_what_was_kept() -> None:
    costs = core_times(read(ROOT / KEPT))

    known = {"worker": sizing.WORKER, "Redis": sizing.REDIS, "database": sizing.DATABASE}
    assert costs == {name: replace(each, idle=0.0) for name, each in known.items()}


def test_what_was_measured_is_kept_told_in_the_page_and_printed_with_what_is_not_met(
    runs: Path, tmp_path: Path
) -> None:
    output = io.StringIO()

    code = main(runs, root=tmp_path, console=Console(file=output, width=1_000))

    page, scale = ((tmp_path / each).read_text(encoding="utf-8") for each in PAGES)
    kept = read(tmp_path / KEPT)
    assert code == 0
    assert kept.sweeps["targets"].steps == ()
    assert filled(page, kept) == page
    assert "Not measured yet" not in page
    assert "20261130-000000-capacity-targets" in page
    assert "| Redis alone | 8 | 123 456 | 0.05 |" in page
    assert "| a miss | 0.14 | 0.016 | 0.064 |" in scale
    assert all(row[0] in output.getvalue() for row in targets(kept).rows)
    [missed] = [line for line in output.getvalue().splitlines() if "Not met: " in line]
    assert "cached: RSS of a worker" in missed
    assert "121.0 MiB" in missed
    assert "at no size of a list slower than 1.15x uncached (1.2" in missed
    assert "p50 of hits" not in missed


def test_a_part_that_was_not_measured_again_stays(runs: Path, tmp_path: Path) -> None:
    quiet = Console(file=io.StringIO())
    main(runs, root=tmp_path, console=quiet)
    before = [(tmp_path / each).read_text(encoding="utf-8") for each in PAGES]

    main(tmp_path / "nothing", root=tmp_path, console=quiet)

    assert [(tmp_path / each).read_text(encoding="utf-8") for each in PAGES] == before

import io
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.analysis.model import sizing
from benchmarks.capacity.performance import (
    KEPT,
    PAGES,
    REDIS_ALONE,
    core_times,
    filled,
    main,
    read,
    targets,
)
from benchmarks.capacity.redis_alone import RedisAlone
from benchmarks.report.capacity import assemble_sweep
from benchmarks.storage.plain import to_json
from tests.unit.benchmarks.capacity.steps import header, sweep_steps

ROOT = Path(__file__).parents[4]
ALONE = RedisAlone(connections=8, rate=123_456.0, p50_ms=0.05)


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_a_page_says_what_was_kept(name: Path) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")

    assert filled(page, read(ROOT / KEPT)) == page


def test_advice_about_a_rate_rests_on_what_was_kept() -> None:
    costs = core_times(read(ROOT / KEPT))

    known = {"worker": sizing.WORKER, "Redis": sizing.REDIS, "database": sizing.DATABASE}
    assert costs == {name: replace(each, idle=0.0) for name, each in known.items()}


def test_what_was_measured_is_kept_and_told_and_what_was_not_stays(tmp_path: Path) -> None:
    shutil.copytree(ROOT / KEPT, tmp_path / KEPT)
    for page in PAGES:
        (tmp_path / page.parent).mkdir(exist_ok=True)
        shutil.copy(ROOT / page, tmp_path / page)
    steps = [replace(each, redis_cores=0.1, database_cores=0.4) for each in sweep_steps()]
    steps += [
        replace(each, asks=asks, connections=1)
        for each in steps
        if each.variant in {"uncached", "cached"} and each.connections == 1
        for asks in ("miss", "write")
    ]
    runs = tmp_path / "runs"
    run = runs / "targets" / "20261130-000000-capacity-targets"
    run.mkdir(parents=True)
    (run / "results.json").write_text(to_json(assemble_sweep(header(), steps)))
    (runs / "targets" / "latest").symlink_to(run.name)
    (runs / "soak").mkdir()
    soaked = {"requests": [0, 1_000_000], "rss": [1, 121 * 2**20], "errors": 0}
    (runs / "soak" / "soak.json").write_text(json.dumps(soaked))
    (runs / REDIS_ALONE).write_text(json.dumps([asdict(ALONE)]))
    output = io.StringIO()

    code = main(runs, root=tmp_path, console=Console(file=output, width=1_000))

    before, after = read(ROOT / KEPT), read(tmp_path / KEPT)
    assert code == 0
    assert {name for name, each in after.sweeps.items() if each != before.sweeps[name]} == {
        "targets"
    }
    assert after.sweeps["targets"].steps == ()
    performance, scale = ((tmp_path / each).read_text(encoding="utf-8") for each in PAGES)
    assert filled(performance, after) == performance
    assert run.name in performance
    assert "| Redis alone | 8 | 123 456 | 0.05 |" in performance
    assert "| a miss | 0.14 | 0.016 | 0.064 |" in scale
    assert all(row[0] in output.getvalue() for row in targets(after).rows)
    [missed] = [line for line in output.getvalue().splitlines() if "Not met: " in line]
    assert "cached: RSS of a worker" in missed
    assert "121.0 MiB" in missed
    assert "p50 of hits" not in missed

"""Runs that never happened, with a known truth: in memory and on disk."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.analysis.checks.check import Check
from benchmarks.diff.changes import CaseKey, StoredRun
from benchmarks.report.results import assemble
from benchmarks.storage.plain import to_json
from benchmarks.storage.records import Sample
from benchmarks.storage.run_folder import Run
from tests.unit.benchmarks import simulate
from tests.unit.benchmarks.report.runs import check

SPEEDUPS = {"cached": 4.0}


def samples(
    *,
    speedups: Mapping[str, float] | None = None,
    day: float = 1.0,
    restarts: int = 1,
    observations: int = 20,
    noise: float = 0.02,
    seed: int = 1,
    **changes: Any,
) -> list[Sample]:
    """Make the blocks of one regime; the machine of that ``day`` is so many times slower.

    Every block is off by a factor of its own.
    """
    rng = random.Random(seed)
    found: list[Sample] = []
    truth = {"uncached": 1.0} | dict(SPEEDUPS if speedups is None else speedups)
    for restart in range(restarts):
        for turn in range(observations):
            for name, speedup in truth.items():
                factor = day * rng.lognormvariate(0, noise)
                values = {
                    "restart": restart,
                    "observation": restart * observations + turn,
                    "block": len(found),
                    "variant": name,
                    "duration_s": 0.010 * factor / speedup,
                }
                found.append(simulate.sample(**(values | changes)))
    return found


def write_run(
    folder: Path, measured: Sequence[Sample], *, checks: Sequence[Check] = (), **header: Any
) -> Path:
    """Write the folder of a comparison."""
    folder.mkdir(parents=True)
    run = Run(folder)
    run.append(measured)
    results = assemble(simulate.header(**header), [])
    run.write_all({run.results_file: to_json(replace(results, checks=tuple(checks)))})
    return folder


def failing(name: str = "bodies", **changes: Any) -> Check:
    """Make a failed check."""
    return replace(check(name, result="wrong"), **changes)


def stored(
    speedups: Mapping[CaseKey, Sequence[float]],
    *,
    name: str = "a",
    checks: Sequence[Check] = (),
    **header: Any,
) -> StoredRun:
    """Make a run of which only the speedups matter."""
    return StoredRun(
        name=name,
        results=replace(assemble(simulate.header(**header), []), checks=tuple(checks)),
        speedups=speedups,
    )

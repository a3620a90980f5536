"""Files as pytest-benchmark saves them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.micro.saved import SavedBenchmark


def entry(
    times_s: Sequence[float] | None = (0.001, 0.002),
    *,
    name: str = "test_read[x]",
    group: str | None = "reads",
    iterations: int = 1,
    **info: Any,
) -> dict[str, Any]:
    """Return one benchmark of a file; ``None`` for no raw data."""
    stats = {"median": 0.001, "iterations": iterations}
    return {
        "name": name,
        "group": group,
        "extra_info": info,
        "stats": stats if times_s is None else stats | {"data": list(times_s)},
    }


def measured(times_s: Sequence[float], **options: Any) -> SavedBenchmark:
    return SavedBenchmark.model_validate(entry(times_s, **options))


def save(path: Path, *entries: Mapping[str, Any]) -> Path:
    run = {
        "datetime": "2026-01-02T03:04:05.678+00:00",
        "version": "5.3.1",
        "machine_info": {"python_version": "3.11.7"},
        "benchmarks": entries,
    }
    path.write_text(json.dumps(run))
    return path

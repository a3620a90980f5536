"""The table of a file as pytest-benchmark saves it."""

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.console import Console

from benchmarks.micro.report import Summary, micro_report
from benchmarks.storage.usage import UsageError


def entry(
    times_s: object = (0.001, 0.002),
    *,
    name: str = "test_read[x]",
    group: str | None = "reads",
    **info: Any,
) -> dict[str, Any]:
    """Return one benchmark of a file; ``None`` for no raw data."""
    stats = {"median": 0.001, "iterations": 1} | ({} if times_s is None else {"data": times_s})
    return {"name": name, "group": group, "extra_info": info, "stats": stats}


def printed(folder: Path, *entries: dict[str, Any]) -> list[str]:
    """Return the lines with single blanks, as no column's width is promised."""
    run = {
        "datetime": "2026-01-02T03:04:05.678+00:00",
        "version": "5.3.1",
        "machine_info": {"python_version": "3.11.7"},
        "benchmarks": entries,
    }
    path, output = folder / "run.json", StringIO()
    path.write_text(json.dumps(run))
    micro_report(path, Console(file=output, width=200))
    return [" ".join(line.split()) for line in output.getvalue().splitlines() if line.strip()]


def test_groups_are_tables_in_the_order_of_measuring_with_the_ratio_to_uncached(
    tmp_path: Path,
) -> None:
    lines = printed(
        tmp_path,
        entry([0.004] * 100, name="test_read[off]", variant="uncached", outcome="off"),
        entry(name="test_x[red]", group="g [bold]"),
        entry([0.001] * 99 + [0.1], name="test_read[hit]", variant="cached", outcome="hit"),
        entry([0.0], variant="naive", outcome="hit"),
    )

    # What few rounds cannot show is a dash, and brackets are text.
    assert [line for line in lines if line.endswith("]")] == [
        "uncached off 4000 4000 4000 reference read[off]",
        "cached hit 1000 1000 1990 4 read[hit]",
        "naive hit 0 - - - read[x]",
        "g [bold]",
        "- - 1500 - - - x[red]",
    ]


@pytest.mark.parametrize(
    ("rounds", "p95", "p99"), [(19, "-", "-"), (20, "1", "-"), (99, "1", "-"), (100, "1", "1")]
)
def test_a_percentile_that_would_be_the_maximum_is_not_given(
    tmp_path: Path, rounds: int, p95: str, p99: str
) -> None:
    [line] = [line for line in printed(tmp_path, entry([1e-6] * rounds)) if "read[" in line]

    assert line.split()[3:5] == [p95, p99]


def test_the_last_lines_set_each_cached_operation_beside_uncached(tmp_path: Path) -> None:
    in_order: Sequence[str] = get_args(Summary)
    pairs = (
        (
            entry([0.001], group=name, variant="cached", summary=name),
            entry([0.004], group=name, variant="uncached"),
        )
        for name in reversed(in_order)
    )

    lines = printed(tmp_path, *(each for pair in pairs for each in pair))

    assert lines[-6:] == [f"{name} 4000 1000 4" for name in in_order]
    assert "Cached beside uncached" not in printed(tmp_path, entry())


def test_servers_and_caveats_stand_above(tmp_path: Path) -> None:
    about: dict[str, Any] = {
        "mongo": "SecantusDB 1",
        "redis": "Redis 8",
        "caveats": ["not MongoDB figures"],
    }
    lines = printed(tmp_path, entry(**about), entry(**about), entry())

    assert any("3 benchmarks of 2026-01-02T03:04:05 UTC, Python 3.11.7" in line for line in lines)
    assert "Servers: SecantusDB 1, Redis 8" in lines
    assert lines.count("Note: not MongoDB figures") == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the whole file: Invalid JSON"),
        ("[]", "the whole file"),
        ('{"state": "complete"}', "datetime"),
    ],
)
def test_what_is_no_saved_run_is_refused_with_the_reason(
    tmp_path: Path, content: str, why: str
) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)

    with pytest.raises(UsageError, match=f"not a file that pytest-benchmark saved .*: {why}"):
        micro_report(path, Console())
    with pytest.raises(UsageError, match="nowhere cannot be read: No such file"):
        micro_report(tmp_path / "nowhere", Console())
    with pytest.raises(UsageError, match="benchmarks"):
        printed(tmp_path)


@pytest.mark.parametrize("data", [[], [-0.1], [float("nan")], ["fast"], None])
def test_times_that_are_none_are_refused_with_what_saves_them(tmp_path: Path, data: Any) -> None:
    where = r"--benchmark-save-data\): (the whole file: Invalid JSON|benchmarks\.1\.stats\.data)"

    with pytest.raises(UsageError, match=where):
        printed(tmp_path, entry(), entry(data))

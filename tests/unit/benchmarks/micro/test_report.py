from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.console import Console

from benchmarks.micro.report import micro_report
from benchmarks.micro.saved import Summary
from tests.unit.benchmarks.micro.saves import entry, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def printed(path: Path, *, width: int = 120) -> str:
    output = StringIO()
    micro_report(path, Console(file=output, width=width))
    return output.getvalue()


def lines_of(text: str) -> list[str]:
    """Return the lines with single blanks, as no column's width is promised."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_group_is_a_table_with_the_ratio_to_uncached(path: Path) -> None:
    save(
        path,
        entry([0.004] * 100, name="test_read[off]", variant="uncached", outcome="off"),
        entry([0.001] * 100, name="test_read[hit]", variant="cached", outcome="hit"),
    )

    assert [line for line in lines_of(printed(path)) if "read[" in line] == [
        "uncached off 4000 4000 4000 250 reference 100 read[off]",
        "cached hit 1000 1000 1000 1 000 4 100 read[hit]",
    ]


def test_the_last_lines_set_each_cached_operation_beside_uncached(
    path: Path,
) -> None:
    in_order = get_args(Summary)
    pairs = (
        (
            entry([0.001], group=name, variant="cached", summary=name),
            entry([0.004], group=name, variant="uncached"),
        )
        for name in reversed(in_order)
    )
    save(path, *(each for pair in pairs for each in pair))
    lines = [line for line in lines_of(printed(path)) if line]

    assert lines[-6:] == [f"{name} 4000 1000 4" for name in in_order]
    assert "Cached beside uncached" not in printed(save(path, entry()))


def test_rounds_of_many_operations_say_so_what_few_cannot_show_is_a_dash_and_brackets_are_text(
    path: Path,
) -> None:
    many = entry([0.001] * 7, iterations=32)
    text = printed(save(path, many, entry([0.0]), entry(name="test_x[red]", group="g [bold]")))

    assert "7x32" in text
    assert "- - 0 - - - - 1 read[x]" in lines_of(text)
    assert "x[red]" in text
    assert "g [bold]" in text


def test_servers_and_caveats_stand_above(path: Path) -> None:
    about: dict[str, Any] = {
        "mongo": "SecantusDB 1",
        "redis": "Redis 8",
        "caveats": ["not MongoDB figures"],
    }
    text = printed(save(path, entry(**about), entry(**about), entry()), width=200)

    assert "3 benchmarks of 2026-01-02T03:04:05 UTC, Python 3.11.7" in text
    assert "Servers: SecantusDB 1, Redis 8\n" in text
    assert text.count("Note: not MongoDB figures") == 1

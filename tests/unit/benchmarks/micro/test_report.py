from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.console import Console

from benchmarks.micro.report import digits, duration, micro_report
from benchmarks.micro.saved import Summary
from benchmarks.storage.usage import UsageError
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
        "uncached off 4.00 ms 4.00 ms 4.00 ms 250 reference 100 read[off]",
        "cached hit 1.00 ms 1.00 ms 1.00 ms 1,000 4.00 [4.00, 4.00] 100 read[hit]",
    ]


def test_the_last_lines_set_each_cached_operation_beside_uncached_and_name_the_box_plots(
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
    plot = path.with_name(f"{path.stem}-reads.svg")
    plot.touch()

    lines = [line for line in lines_of(printed(path)) if line]

    assert lines[-6:] == [f"{name} 4.00 ms 1.00 ms 4.00 [4.00, 4.00]" for name in in_order]
    assert lines[-10:-8] == [
        "Cached beside uncached",
        f"Box plots, one for each group: {path.parent}/{path.stem}-*.svg",
    ]
    plot.unlink()
    assert "Box plots" not in printed(path)
    assert "Cached beside uncached" not in printed(save(path, entry()))


def test_rounds_of_many_operations_say_so_what_few_cannot_show_is_a_dash_and_brackets_are_text(
    path: Path,
) -> None:
    many = entry([0.001] * 7, iterations=2, operations_per_round=16)
    text = printed(save(path, many, entry([0.0]), entry(name="test_x[red]", group="g [bold]")))

    assert "7x32" in text
    assert "- - 0 ns - - - - 1 read[x]" in lines_of(text)
    assert "x[red]" in text
    assert "g [bold]" in text


def test_servers_caveats_and_measured_round_trips_stand_above(path: Path) -> None:
    about: dict[str, Any] = {
        "mongo": "SecantusDB 1",
        "redis": "Redis 8",
        "caveats": ["not MongoDB figures"],
    }
    text = printed(
        save(
            path,
            entry(**about, redis_delay_ms=0.5, redis_round_trip_ms=1.234),
            entry(**about, redis_delay_ms=0.0, redis_round_trip_ms=0.05),
            entry(),
        ),
        width=200,
    )

    assert "3 benchmarks of 2026-01-02T03:04:05 UTC, Python 3.11.7" in text
    assert "Servers: SecantusDB 1, Redis 8\n" in text
    assert "Measured round trips to Redis: +0 ms: 0.0500 ms, +0.5 ms: 1.23 ms" in text
    assert text.count("Note: not MongoDB figures") == 1


@pytest.mark.parametrize(("sizes", "shown"), [((512, 512), "reads (512 bytes)"), ((1, 2), "")])
def test_a_payload_is_named_where_the_group_has_one(
    path: Path, sizes: tuple[int, int], shown: str
) -> None:
    text = printed(save(path, *(entry(payload_bytes=size) for size in sizes), entry()))

    assert shown in text
    assert ("bytes" in text) == bool(shown)


@pytest.mark.parametrize("content", ["", "{}", "no JSON"])
def test_a_wrong_file_is_wrong_input_in_one_sentence(path: Path, content: str) -> None:
    path.write_text(content)

    with pytest.raises(UsageError) as refused:
        printed(path)

    assert str(refused.value).startswith(str(path))
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0.0, "0 ns"),
        (1.234e-10, "0.123 ns"),
        (2.59e-7, "259 ns"),
        (0.000_999_9, "1,000 us"),
        (0.0123, "12.3 ms"),
        (4.0, "4.00 s"),
    ],
)
def test_a_time_has_three_digits_and_a_unit(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
    # Small numbers are not rounded away.
    assert [digits(0.00804), digits(285.73)] == ["0.00804", "286"]

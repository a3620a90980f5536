"""The report of a comparison as Markdown and on a terminal, and numbers as text."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from benchmarks.report.figures import bounds, ms, span_ms, times
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.results import assemble, from_json, to_json
from benchmarks.report.terminal import print_page
from benchmarks.report.view import page
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import coherence, header, run_samples, variants


def markdown(samples: list[Sample], **changes: Any) -> str:
    return to_markdown(page(assemble(header(**changes), samples)))


def printed(shown: Page, width: int = 80) -> str:
    output = StringIO()
    print_page(shown, Console(file=output, width=width))
    return output.getvalue()


def terminal(samples: list[Sample], width: int = 80, **changes: Any) -> str:
    return printed(page(assemble(header(**changes), samples)), width)


def test_the_same_results_render_to_the_same_bytes_twice() -> None:
    results = assemble(header(), run_samples())

    again = from_json(to_json(results))
    assert to_markdown(page(again)) == to_markdown(page(results))


def test_ratios_arithmetic_caveats_servers_and_versions_are_in_the_markdown() -> None:
    text = markdown(run_samples(noise=0))

    for said in (
        "| native | cached | 55.0 [55.0, 55.0] | 4.55x [4.55, 4.55] |",
        "250/54 is 4.63x",
        "5 reads can never be 5x faster",
        "6 reads can: 5.45x",
        "these are not MongoDB figures.",
        "one machine of 2 CPUs",
        "delay is constant",
        "| database | SecantusDB 0.7 (SecantusDB) |",
        "| Redis | Redis 8.2 (redis-server) |",
        "| commit | 0123456789ab with changes |",
        "Some \\| CPU",
    ):
        assert said in text


def test_a_run_without_an_injected_delay_does_not_speak_of_one() -> None:
    regimes = [
        entry | {"skipped": "no test commands" if entry["delay_ms"] else None}
        for entry in header()["regimes"]
    ]
    text = markdown(run_samples(), regimes=regimes)

    assert "delay is constant" not in text
    assert text.count("Left out") == 1
    assert "50ms-per-query, db+1ms, db+20ms, because no test commands." in text


def test_servers_of_somebody_else_are_not_said_to_be_on_this_machine() -> None:
    metadata = header()["environment"]
    elsewhere = metadata | {"database": metadata["database"] | {"kind": "external"}}

    text = markdown(run_samples(), environment=elsewhere)

    assert "no network between" not in text
    assert "Not started by this run: database; the way there is part of every time" in text


def test_an_unfinished_run_says_so_first() -> None:
    text = markdown([], state="interrupted", reason="it was stopped")

    assert text.index("This run is interrupted: it was stopped.") < text.index("## ")
    assert "No pair of blocks came to its end." in text


def test_on_80_columns_every_figure_and_word_is_whole_also_beside_long_names() -> None:
    names = ("uncached", "cached", "fastapi-redis-sdk", "static")
    text = terminal(
        [
            *run_samples(noise=0, variants=names),
            *run_samples(noise=0, variants=names, regime="50ms-per-query"),
        ],
        options=header()["options"] | {"variants": list(names)},
        variants=variants(*names),
        coherence=[coherence("fastapi-redis-sdk", stale=12)],
    )

    assert "…" not in text
    assert all(len(line) <= 80 for line in text.splitlines())
    for said in (
        "4.55x [4.55, 4.55]",
        "50ms-per-query",
        "stale reads: 12 of 3 400",
        "250/54 is 4.63x",
        "6 reads can: 5.45x",
        "fastapi-redis-sdk 1.2",
        "Database: SecantusDB 0.7 (SecantusDB).",
        "Redis: Redis 8.2 (redis-server).",
    ):
        assert said in " ".join(text.split())


def test_checks_are_one_sentence_unless_one_fails() -> None:
    good = run_samples()
    passed, failed = terminal(good), terminal([replace(good[0], status=500), *good[1:]])

    assert "6 of 6 checks passed" in passed
    assert "byte-equal" not in passed
    assert "WRONG errors (native): 1x 500 to list from" in failed
    assert "byte-equal" in failed


def test_brackets_are_text_and_not_markup() -> None:
    said = "[Errno 111] refused [red]"

    assert said in terminal(run_samples(), 200, state="broken", reason=said)


def test_where_the_terminal_is_too_narrow_the_last_column_breaks_and_nothing_is_lost() -> None:
    table = Table(("a" * 33, "b" * 33, "verdict"), [("c" * 33, "d" * 33, "inconclusive")])

    text = printed(Page("", [], [Section("", table=table)]))

    assert "…" not in text
    for said in ("c" * 33, "inconclu", " sive"):
        assert said in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.4, "0.40"),
        (9.994, "9.99"),
        (54.32, "54.3"),
        (250.4, "250"),
        (1234.5, "1234"),
    ],
)
def test_milliseconds_have_the_digits_a_reader_can_use(value: float | None, text: str) -> None:
    assert ms(value) == text


def test_a_ratio_comes_with_its_bounds_or_says_that_there_are_none() -> None:
    assert f"{times(4.6296)} {bounds({'low': 4.5, 'high': 4.754})}" == "4.63x [4.50, 4.75]"
    assert span_ms(None) == "-"
    assert bounds(None) == bounds({"low": None, "high": None}) == "[-]"

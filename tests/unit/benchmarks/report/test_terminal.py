from dataclasses import replace
from io import StringIO
from typing import Any

from rich.console import Console

from benchmarks.report.page import Page, Section, Table
from benchmarks.report.results import assemble
from benchmarks.report.terminal import print_page
from benchmarks.report.view import page
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import coherence, header, run_samples, variants


def printed(samples: list[Sample], width: int = 80, head: dict[str, Any] | None = None) -> str:
    output = StringIO()
    print_page(page(assemble(head or header(), samples)), Console(file=output, width=width))
    return output.getvalue()


def test_ratios_intervals_and_verdicts_are_whole_on_80_columns() -> None:
    text = printed([*run_samples(noise=0), *run_samples(noise=0, regime="50ms-per-query")])

    assert "4.55x [4.55, 4.55]" in text
    assert "50ms-per-query" in text
    assert "…" not in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_arithmetic_is_beside_what_was_measured() -> None:
    text = " ".join(printed(run_samples()).split())

    assert "250/54 is 4.63x" in text
    assert "6 reads can: 5.45x" in text


def test_checks_are_one_sentence_unless_one_fails() -> None:
    good = run_samples()
    bad = [replace(good[0], status=500), *good[1:]]

    assert "6 of 6 checks passed." in printed(good)
    assert "byte-equal" not in printed(good)
    assert "FAILED errors (native): 1x 500 from" in printed(bad)
    assert "byte-equal" in printed(bad)


def test_brackets_are_text_and_not_markup() -> None:
    results = assemble(header(state="broken", reason="[Errno 111] refused [red]"), run_samples())
    output = StringIO()

    print_page(page(results), Console(file=output, width=200))

    assert "[Errno 111] refused [red]" in output.getvalue()


def test_long_names_of_variants_leave_every_figure_and_word_whole_on_80_columns() -> None:
    names = ("uncached", "cached", "fastapi-redis-sdk", "static")
    options = header()["options"] | {"variants": list(names)}
    head = header(
        options=options,
        variants=variants(*names),
        coherence=[coherence("fastapi-redis-sdk", stale=12)],
    )

    text = printed(run_samples(noise=0, regime="50ms-per-query", variants=names), head=head)

    assert "…" not in text
    assert "4.55x [4.55, 4.55]" in text
    assert "stale reads: 12 of 3 400" in " ".join(text.split())


def test_versions_are_printed() -> None:
    head = header(variants=variants("uncached", "cached", "cashews"))

    text = printed([], head=head)

    assert "cashews 1.2" in text
    assert "Database: SecantusDB 0.7 (SecantusDB)." in text
    assert "Redis: Redis 8.2 (redis-server)." in text


def test_where_the_terminal_is_too_narrow_the_last_column_breaks_and_nothing_is_lost() -> None:
    output = StringIO()
    table = Table(("a" * 33, "b" * 33, "verdict"), [("c" * 33, "d" * 33, "inconclusive")])

    print_page(Page("", [], [Section("", table=table)]), Console(file=output, width=80))

    assert "…" not in output.getvalue()
    assert "c" * 33 in output.getvalue()
    assert "inconclu" in output.getvalue()
    assert " sive" in output.getvalue()

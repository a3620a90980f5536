"""The report of a comparison as Markdown and on a terminal."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from benchmarks.report.answer import answer
from benchmarks.report.markdown import to_markdown
from benchmarks.report.metadata import method
from benchmarks.report.results import assemble
from benchmarks.report.terminal import print_page
from benchmarks.report.view import page
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.report.runs import session_run, with_ratio
from tests.unit.benchmarks.simulate import (
    DATABASE,
    ENVIRONMENT,
    header,
    run_samples,
    variants,
)


def markdown(samples: list[Sample], **changes: Any) -> str:
    return to_markdown(page(assemble(header(**changes), samples)))


def terminal(samples: list[Sample], width: int = 80, **changes: Any) -> str:
    output = StringIO()
    print_page(page(assemble(header(**changes), samples)), Console(file=output, width=width))
    return output.getvalue()


def test_ratios_caveats_servers_and_versions_are_in_the_markdown() -> None:
    names = ("uncached", "cached", "fastapi-redis-sdk")
    text = markdown(run_samples(noise=0, variants=names), variants=variants(*names))

    for said in (
        "| native | cached | 55.0 [55.0, 55.0] | 4.55x [4.55, 4.55] |",
        "these are not MongoDB figures.",
        "one machine of 2 CPUs",
        "delay is constant",
        "| database | SecantusDB 0.7 (SecantusDB) |",
        "| Redis | Redis 8.2 (redis-server) |",
        "| commit | 0123456789ab with changes |",
        "Some \\| CPU",
        "fastapi-redis-sdk 1.2",
    ):
        assert said in text


def test_in_a_pull_request_answer_verdicts_and_checks_are_in_sight_and_the_rest_is_folded() -> None:
    in_sight, folded = markdown(run_samples(noise=0)).split("<details>")

    assert [line for line in in_sight.splitlines() if line.startswith("## ")] == [
        "## Verdicts",
        "## Checks",
    ]
    assert "## Scenario session" in folded
    assert folded.endswith("\n\n</details>\n")


def test_a_run_without_an_injected_delay_does_not_speak_of_one() -> None:
    regimes = tuple(
        replace(each, skipped="no test commands" if each.delay_ms else None)
        for each in header().regimes
    )
    text = markdown(run_samples(), regimes=regimes)

    assert "delay is constant" not in text
    assert text.count("Left out") == 1
    assert "50ms-per-query, db+1ms, db+20ms, because no test commands." in text


def test_servers_of_somebody_else_are_not_said_to_be_on_this_machine() -> None:
    elsewhere = replace(ENVIRONMENT, database=replace(DATABASE, kind="external"))

    text = markdown(run_samples(), environment=elsewhere)

    assert "no network between" not in text
    assert "Not started by this run: database; the network to them is part of every time" in text


def test_an_unfinished_run_says_so_first() -> None:
    text = markdown([], state="interrupted", reason="it was stopped")

    assert text.index("This run is interrupted: it was stopped.") < text.index("## ")
    assert "No pair of blocks came to its end." in text


@pytest.mark.parametrize("form", [markdown, terminal])
def test_checks_are_one_sentence_and_those_that_failed(form: Any) -> None:
    good = run_samples(observations=20)
    passed, failed = form(good), form([replace(good[0], status=500), *good[1:]])

    assert "6 of 6 checks passed." in passed
    assert "5 of 6 checks passed; 1 found something wrong" in failed
    assert "WRONG errors (native): 1x 500 to list from" in failed
    assert "byte-equal" not in passed + failed


@pytest.mark.parametrize(("factor", "said"), [(1.0, ""), (1.04, ""), (1.06, "1.1"), (1.6, "1.6")])
def test_a_widening_is_told_where_one_decimal_shows_it(factor: float, said: str) -> None:
    results = assemble(header(), run_samples(noise=0))
    first, *others = results.summaries
    widened = replace(first, widenings={"cached": factor})

    text = to_markdown(page(replace(results, summaries=(widened, *others))))

    assert ("Noise made intervals" in text) is bool(said)
    assert not said or f"up to {said} times as wide" in text


def test_the_last_thing_on_a_terminal_is_the_answer_and_the_first_of_the_text() -> None:
    samples = [*run_samples(), *run_samples(regime="50ms-per-request")]
    shown, text = terminal(samples, 120), markdown(samples)

    found = answer(assemble(header(), samples))
    assert found is not None
    assert len(found.rows) == 3
    last = " ".join(shown[shown.index("Verdicts") :].split())
    for said in (found.figure, found.sentence, found.consequence, *found.rows[0]):
        assert said in last
        assert text.index(said) < text.index("## Verdicts")


def test_what_is_void_has_no_answer() -> None:
    good = run_samples()

    text = markdown([replace(good[0], status=500), *good[1:]])

    assert text.startswith("# fivefold: is the cached service faster, and by how much?")
    assert "**This run decides nothing. Failed checks: " in text


def test_a_name_is_no_markup_in_the_text() -> None:
    text = markdown([], state="broken", reason="<script>alert(1)</script>")

    assert "<script>" not in text
    assert "&lt;script>" in text


def test_brackets_are_text_and_not_markup() -> None:
    said = "[Errno 111] refused [red]"

    assert said in terminal(run_samples(), 200, state="broken", reason=said)


def test_the_method_is_told_with_the_numbers_of_the_run() -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    once, mixed = (method(each) for each in (run, with_ratio(run, observations=120)))

    assert once is not None
    assert mixed is not None
    assert "16 short blocks by turns, in a random order (seed 1)" in once.sentences[0]
    assert once.sentences[0].endswith("each ratio here rests on 4.")
    assert mixed.sentences[0].endswith("each ratio here rests on 4 to 120.")
    assert method(replace(run, summaries=())) is None

from dataclasses import replace
from io import StringIO

from rich.console import Console

from benchmarks.export.results import assemble
from benchmarks.export.terminal import print_report
from benchmarks.records import Sample
from tests.unit.benchmarks.simulate import header, run_samples


def printed(samples: list[Sample], width: int = 80) -> str:
    output = StringIO()
    print_report(assemble(header(), samples), Console(file=output, width=width))
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

    assert "3 of 3 checks passed." in printed(good)
    assert "byte-equal" not in printed(good)
    assert "FAILED errors (native): 1x 500 from" in printed(bad)
    assert "byte-equal" in printed(bad)


def test_brackets_are_text_and_not_markup() -> None:
    results = assemble(header(state="broken", reason="[Errno 111] refused [red]"), run_samples())
    output = StringIO()

    print_report(results, Console(file=output, width=200))

    assert "[Errno 111] refused [red]" in output.getvalue()

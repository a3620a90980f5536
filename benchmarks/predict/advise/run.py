"""``fivefold advise``: read the run if there is one, compute, print and write."""

from pathlib import Path

from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.predict.advise.answer import answer
from benchmarks.predict.advise.facts import Evidence, evidence_of, gather
from benchmarks.predict.advise.page import page
from benchmarks.predict.advise.question import Question
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Page
from benchmarks.report.results import ResultsUnreadable, read_results
from benchmarks.report.terminal import print_page
from benchmarks.runner.job import FINE, say
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable
from benchmarks.storage.usage import UsageError


def advise(question: Question, *, console: Console | None = None) -> int:
    """Print whether a cache is worth it, and write ``advice.md`` where a folder is named for it.

    Returns 0 whatever the answer is: it is an answer. Raises ``UsageError`` when the folder of the
    run does not hold one that can be advised on, or the file cannot be written.
    """
    console = console or Console()
    evidence = None if question.run_dir is None else _evidence(question.run_dir, question)
    facts = gather(question, evidence)
    found = answer(facts)
    shown = page(facts, found, evidence)
    print_page(shown, console)
    if question.out is not None:
        _write(question.out, shown)
        say(console, f"\nThe advice is in {question.out}")
    return FINE


def _evidence(run_dir: Path, question: Question) -> Evidence:
    run = Run(run_dir)
    try:
        results = read_results(run)
        samples = run.samples()
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{run_dir} is not the folder of a run, such as reports/latest: {error}"
        ) from error
    return evidence_of(
        samples,
        variant=question.variant,
        regime=question.regime,
        failed_checks=list(dict.fromkeys(check.name for check in failed_checks(results))),
    )


def _write(out: Path, shown: Page) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "advice.md").write_text(to_markdown(shown), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out {out} cannot be written to: {error}") from error

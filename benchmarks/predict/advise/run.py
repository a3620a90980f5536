"""``fivefold advise``: read the run if there is one, compute and print."""

from pathlib import Path

from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.predict.advise.answer import answer
from benchmarks.predict.advise.facts import Evidence, evidence_of, gather
from benchmarks.predict.advise.page import page
from benchmarks.predict.advise.question import Question
from benchmarks.report.results import ResultsUnreadable, read_results
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import FINE
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable
from benchmarks.storage.usage import UsageError


def advise(question: Question, *, json: bool = False, console: Console | None = None) -> int:
    """Print whether a cache is worth it.

    With ``json`` standard output gets the answer, and the numbers with the origin of each.

    Returns 0 whatever the answer is: it is an answer. Raises ``UsageError`` when the folder of the
    run does not hold one that can be advised on.
    """
    console = console or Console(stderr=json)
    evidence = None if question.run_dir is None else _evidence(question.run_dir)
    facts = gather(question, evidence)
    found = answer(facts)
    print_page(page(facts, found, evidence), console)
    if json:
        print_json({"answer": found, "numbers": [*facts.numbers.values()]})
    return FINE


def _evidence(run_dir: Path) -> Evidence:
    run = Run(run_dir)
    try:
        results = read_results(run)
        samples = run.samples()
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{run_dir} is not the folder of a run, such as reports/latest: {error}"
        ) from error
    if results.environment.is_foreign:
        raise UsageError(
            f"{run_dir} is of services that are not this project's: its report says from which hit "
            "ratio on a cache pays there. For more give the numbers as options: --db-ms, the time "
            "of a request without a cache, --hit-ms, that of a hit, --miss-ms, what a miss takes "
            "longer, and --app-ms 0"
        )
    return evidence_of(
        samples,
        failed_checks=list(dict.fromkeys(check.name for check in failed_checks(results.checks))),
    )

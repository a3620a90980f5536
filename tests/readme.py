"""What README.md says of the published run: ``python -m tests.readme RUN`` writes it there."""

import re
import sys
from pathlib import Path
from textwrap import fill

from benchmarks.analysis.header import MeasuredDatabase, MeasuredRedis
from benchmarks.report.answer import answer
from benchmarks.report.computed import Results
from benchmarks.report.results import read_results
from benchmarks.storage.run_folder import Run

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=-->\n).*?(?=<!-- /published -->)", re.DOTALL)
PAGE = "docs/images/locust-page.png"
LITERAL = "C2"
"""The claim that is "5x faster", taken literally."""


def block(folder: Path) -> str:
    """Return the answer of a run and its picture, beside that of the live page."""
    results, path = read_results(Run(folder)), folder.relative_to(ROOT)
    facts, engine, redis = results.environment, *_servers(results)
    caveat = "" if engine.real_mongodb else " in place of MongoDB"
    found = answer(results)
    if found is None:
        raise ValueError("the run has no answer")
    literal = [each for each in results.verdicts if each.claim == LITERAL]
    held = sum(each.verdict == "reproduced" for each in literal)
    said = (
        f'{found.sentence} The tutorial\'s "5x faster" held at {held} of {len(literal)} database '
        "speeds."
    )
    source = (
        f"[The whole run]({path}/report.md): {facts.date_utc[:10]}, "
        f"{facts.machine.cpu_count} CPUs ({facts.machine.cpu_model}), "
        f"{engine.product} {engine.version}{caveat}, {redis.product} "
        f"{redis.version}. `fivefold compare --profile "
        f"{results.options.profile}` repeats it."
    )
    pictures = (
        f"![Times as fast, by workload, with intervals]({path}/figures/forest.svg)",
        f"![Latency of both variants, hit ratio and the switch]({PAGE})",
    )
    quoted = "\n>\n".join(
        fill(each, 98, initial_indent="> ", subsequent_indent="> ", break_on_hyphens=False)
        for each in (said, source)
    )
    headings = "| the answer, by workload | the live page |\n|---|---|"
    return f"{quoted}\n\n{headings}\n| {' | '.join(pictures)} |\n"


def _servers(results: Results) -> tuple[MeasuredDatabase, MeasuredRedis]:
    about = results.environment
    if about.database is None or about.redis is None:
        raise ValueError("the run had no database or no Redis")
    return about.database, about.redis


def main(folder: Path) -> None:
    """Write the block into the README."""
    text = block(folder.resolve())
    README.write_text(BLOCK.sub(lambda _: text, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

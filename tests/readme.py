"""What README.md says of the published run: ``python -m tests.readme RUN`` writes it there."""

import re
import sys
from pathlib import Path
from textwrap import fill

from benchmarks.analysis.header import MeasuredDatabase, MeasuredRedis
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import Results
from benchmarks.report.figures import significant
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
    literal = [each for each in results.verdicts if each.claim == LITERAL]
    held = sum(each.verdict == "reproduced" for each in literal)
    native, slowed = (_case(results, "session", each) for each in ("native", "50ms-per-request"))
    answer = (
        f"Redis made five reads **{_times(native)} as fast** with a "
        f"{significant(_database_ms(results), 2)} ms database and **{_times(slowed)}** with 50 ms "
        f"more, reads of a warm cache **{_times(_case(results, 'hits', 'native'))}**, and a mix in "
        f"which every second request writes {_mix(_case(results, 'half-writes', 'native'))}. "
        f'The tutorial\'s "5x faster" held at {held} of {len(literal)} database speeds.'
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
        for each in (answer, source)
    )
    headings = "| the answer, by workload | the live page |\n|---|---|"
    return f"{quoted}\n\n{headings}\n| {' | '.join(pictures)} |\n"


def _servers(results: Results) -> tuple[MeasuredDatabase, MeasuredRedis]:
    about = results.environment
    if about.database is None or about.redis is None:
        raise ValueError("the run had no database or no Redis")
    return about.database, about.redis


def _database_ms(results: Results) -> float:
    [found] = [each.database_ms for each in results.summaries if each.key == ("session", "native")]
    return found or 0.0


def _case(results: Results, scenario: str, regime: str) -> Interval:
    """Return the ratio of ours in one case."""
    [found] = [
        ratio.shown
        for summary in results.summaries
        for ratio in summary.ratios
        if ratio.shown and (*summary.key, ratio.variant) == (scenario, regime, "cached")
    ]
    return found


def _times(case: Interval) -> str:
    return f"{case.centre:.1f}x"


def _mix(case: Interval) -> str:
    return "**no faster**" if case.low <= 1 <= case.high else f"**{case.centre:.2f}x**"


def main(folder: Path) -> None:
    """Write the block into the README."""
    text = block(folder.resolve())
    README.write_text(BLOCK.sub(lambda _: text, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What is a demo worth beside two busy processes? Many of them, held against one quiet full run.

``python -m tests.busy_demos --runs 5 --against reports/latest --out FILE`` runs
``fivefold compare --profile quick`` that often, each beside two busy processes, appends the verdict
on every claim of each run to FILE, and prints over all runs in it how many of the claims were
decided and how many of the decisions contradict those of the full run. The bar, over 30 demos: each
decides 18 of its 21 claims, 5 % of the decisions contradict the full run at most, and none of them
by more than the margin. The exit code is 0 if the bar is met, 1 if it is not, 3 for too few demos.
"""

import argparse
import math
import os
import secrets
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.comparison.compare import compare
from benchmarks.report.computed import Results
from benchmarks.report.results import read_results
from benchmarks.runner.options import CompareOptions
from benchmarks.storage.run_folder import LATEST, Run
from tests.known_truth import (
    append_line,
    beside_busy_processes,
    lines,
    quiet,
    read_lines,
    verdict,
)

ENOUGH = 30
_DECIDED = 18
_CONTRADICTIONS = 0.05
_OPEN = "inconclusive"

Verdicts = Mapping[str, Mapping[str, Any]]
"""The decision on each claim of a run, with its interval."""


def verdicts_of(results: Results) -> Verdicts:
    """Return the verdicts of a run, by what they are about."""
    return {
        f"{each.claim} {each.scenario} {each.regime} {each.variant}": {
            key: getattr(each, key) for key in ("verdict", "ratio", "low", "high", "failed")
        }
        for each in results.verdicts
    }


def decided(demo: Verdicts) -> int:
    """Count the claims that a demo decided."""
    return sum(each["verdict"] != _OPEN for each in demo.values())


def contradictions(demo: Verdicts, full: Verdicts) -> Iterator[tuple[str, float]]:
    """Yield each decision that the full run decided otherwise, and by which factor it is off.

    The factor is that between the demo's interval and what the full run measured, 1 where the
    interval holds it.
    """
    for name, found in demo.items():
        known = full.get(name, {"verdict": _OPEN})
        decisions = {found["verdict"], known["verdict"]}
        if _OPEN not in decisions and len(decisions) > 1:
            nearest = min(max(known["ratio"], found["low"]), found["high"])
            yield name, math.exp(abs(math.log(known["ratio"] / nearest)))


def one_demo() -> Verdicts:
    """Run one demo beside two busy processes; raises ``RuntimeError`` for one that breaks off."""
    with tempfile.TemporaryDirectory(prefix="fivefold-demo-") as folder:
        options = CompareOptions.from_profile(
            "quick", seed=secrets.randbelow(2**31), out=Path(folder)
        )
        with beside_busy_processes():
            compare(options, os.environ, dependencies=quiet())
        results = read_results(Run(Path(folder) / LATEST))
    if results.state != "complete":
        raise RuntimeError(results.reason)
    return verdicts_of(results)


def bars(demos: Sequence[Verdicts], full: Verdicts) -> Mapping[str, bool]:
    """Return what is asked of all demos together, and whether it holds."""
    counts = [decided(demo) for demo in demos]
    against = [each for demo in demos for each in contradictions(demo, full)]
    share = len(against) / max(1, sum(counts))
    farthest = max((factor for _, factor in against), default=1.0)
    return {
        f"of {len(demos[0])} claims {min(counts)} are decided at least, "
        f"{statistics.fmean(counts):.1f} in the mean: {_DECIDED} are asked for": (
            min(counts) >= _DECIDED
        ),
        f"{share:.1%} of the decisions contradict the full run: {_CONTRADICTIONS:.0%} at most": (
            share <= _CONTRADICTIONS
        ),
        f"the farthest contradiction is off by {farthest - 1:.1%}: {MARGIN:.0%} at most": (
            farthest <= 1 + MARGIN
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as many demos as the command line asks for, and hold all of them against the bar."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.busy_demos")
    parser.add_argument("--runs", type=int, default=5, help="more of them; 0 sums FILE up")
    parser.add_argument("--against", type=Path, required=True, help="folder of a quiet full run")
    parser.add_argument(
        "--out", type=Path, required=True, help="verdicts are appended to this FILE"
    )
    given = parser.parse_args(arguments)
    console, full = lines(), verdicts_of(read_results(Run(given.against)))
    demos: list[Verdicts] = read_lines(given.out)
    for number in range(given.runs):
        demos.append(one_demo())
        append_line(given.out, demos[-1])
        console.print(f"{number + 1} of {given.runs} demos")
    if not demos:
        parser.error("there is no demo to sum up")
    voided = Counter(name for demo in demos for each in demo.values() for name in each["failed"])
    for name, many in voided.items():
        console.print(f"{many} verdicts are void by the check {name}")
    for name, many in Counter(
        name for demo in demos for name, _ in contradictions(demo, full)
    ).items():
        console.print(f"{many} of {len(demos)} contradict: {name}")
    return verdict(bars(demos, full), enough=len(demos) >= ENOUGH, console=console)


if __name__ == "__main__":
    sys.exit(main())

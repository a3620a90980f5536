"""Do the intervals hold the truth on real sockets? Servers whose answer times are known.

``python -m tests.known_truth --runs 20 --out FILE`` compares two such servers that often by
``fivefold compare --target`` as a user does, appends every finished run to FILE, and prints how
often the 90 % interval held the true ratio over all runs in it, by how much it was off and how wide
it was: so a bar of hundreds of runs is collected in pieces. Half of the runs have two busy
processes beside them; ``--beside`` collects only those, or only the others while nothing else runs.
Seeds are new in every run: runs with the same seeds are correlated and prove nothing twice. The
exit code is 0 if the bar is met, 1 if it is not, 3 for too few runs.

Servers wait for their time asleep and do not compute it away: beside busy processes one that
computes loses its processor in the midst of an answer, the longer the answer the more often. What
the machine adds to an answer is taken from the very requests that are judged, see ``true_ratio``:
requests that drew no time said 0.05 ms of it where those that were judged took 6 ms more.
"""

import argparse
import json
import math
import multiprocessing
import os
import random
import secrets
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.quantities.blocks import observations
from benchmarks.analysis.quantities.groups import groups_of
from benchmarks.analysis.stats.intervals import (
    CONFIDENCE,
    LEAST_OBSERVATIONS,
    mean_difference,
    t_quantile,
)
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.run import compare_targets
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.results import read_results
from benchmarks.report.terminal import print_page
from benchmarks.runner.services import Dependencies
from benchmarks.scenarios.examples import front_page
from benchmarks.storage.records import NATIVE, Sample
from benchmarks.storage.run_folder import LATEST, Run

MEAN_S = 0.003
RATIO = 1.2
"""The time of the slow server over that of the fast one."""
BUSY = 2
"""Processes that compute all the time, beside every second run."""
ENOUGH = 300
SERIES = 50
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
    b"Server-Timing: app;dur=%.4f\r\n\r\nok"
)
"""What was drawn is said where samples keep it."""
HEADINGS = ("", "runs", "blocks hold", "widened hold", "bias", "z", "sd of z", "half width")
_AGAIN = 100
_CONTEXT = multiprocessing.get_context("spawn")

Draw = Callable[[random.Random, float], float]
"""Returns an answer time with the mean 1, from a source of chance and the seconds of the clock."""


def log_normal(rng: random.Random, _now_s: float) -> float:
    """Draw a usual answer: most are alike, some take longer."""
    sigma = 0.3
    return rng.lognormvariate(-(sigma**2) / 2, sigma)


def drifting(rng: random.Random, now_s: float) -> float:
    """Draw an answer of a machine whose speed wanders by 20 % within half a minute."""
    return log_normal(rng, now_s) * (1 + 0.2 * math.sin(2 * math.pi * now_s / 30))


def heavy_tailed(rng: random.Random, _now_s: float) -> float:
    """Draw an answer of which a few take ten times as long: Pareto with the index 3."""
    index = 3.0
    return rng.paretovariate(index) * (index - 1) / index


def two_modes(rng: random.Random, _now_s: float) -> float:
    """Draw an answer of a cache: four in five are hits."""
    return 0.4 if rng.random() < 0.8 else 3.4


def bursting(rng: random.Random, now_s: float) -> float:
    """Draw an answer beside a neighbor who takes half of the machine, a third of the time."""
    second = random.Random(f"burst {int(now_s * 2)}")
    slow = second.random() < 1 / 3
    return log_normal(rng, now_s) * (1.5 if slow else 0.75)


DISTRIBUTIONS: Mapping[str, Draw] = {
    "log-normal": log_normal,
    "drift": drifting,
    "heavy tail": heavy_tailed,
    "two modes": two_modes,
    "bursts": bursting,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthSetting:
    """What one run is like."""

    distribution: str
    busy: bool
    swapped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthOutcome(TruthSetting):
    """One run: what is true, and the 90 % interval as the blocks make it and as it is judged."""

    seed: int
    truth: float
    centre: float
    low: float
    high: float
    widening: float
    observations: int

    @property
    def error(self) -> float:
        """Return the logarithm of measured over true, turned as if nothing had been swapped."""
        off = math.log(self.centre / self.truth)
        return -off if self.swapped else off

    @property
    def half(self) -> float:
        """Return the half width of the logarithm as it is judged."""
        return math.log(self.high / self.low) / 2

    @property
    def score(self) -> float:
        """Return the error in standard errors of the blocks."""
        error = self.half / self.widening / t_quantile(self.observations - 1, CONFIDENCE)
        return self.error / error

    def holds(self, *, widened: bool = True) -> bool:
        """Tell whether the interval holds the truth, as it is judged or by its blocks alone."""
        return abs(self.error) <= self.half / (1 if widened else self.widening)


def serve(draw_name: str, mean_s: float, seed: int, port: "multiprocessing.Queue[int]") -> None:
    """Answer one connection after the other, each request after a time that is slept away.

    All servers share a processor, as only one of them is asked at a time: what runs beside them
    runs beside all of them.
    """
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rng = random.Random(seed)
    draw = DISTRIBUTIONS[draw_name]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port.put(server.getsockname()[1])
        while True:
            connection, _ = server.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while connection.recv(65_536):
                    drawn_s = mean_s * draw(rng, time.time())
                    time.sleep(drawn_s)
                    connection.sendall(_HEAD % (drawn_s * MS_PER_S))


def compute() -> None:
    """Take all of one processor."""
    while True:
        sum(range(10_000))


@contextmanager
def running(target: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """Have a process run until the end of the context."""
    process = _CONTEXT.Process(target=target, args=arguments, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def quiet() -> Dependencies:
    """Print nothing and draw nothing."""
    return Dependencies(console=Console(quiet=True), draw=lambda _: ())


@contextmanager
def beside_busy_processes() -> Iterator[None]:
    """Have every processor of a small machine be asked for by somebody else."""
    with ExitStack() as cleanup:
        for _ in range(BUSY):
            cleanup.enter_context(running(compute))
        yield


@contextmanager
def server(distribution: str, mean_s: float, seed: int) -> Iterator[str]:
    """Have a server answer; yield its address."""
    port: multiprocessing.Queue[int] = _CONTEXT.Queue()
    with running(serve, distribution, mean_s, seed, port):
        yield f"http://127.0.0.1:{port.get(timeout=600)}"


def one_run(setting: TruthSetting) -> TruthOutcome:
    """Compare two servers of which the slow one takes ``RATIO`` times as long."""
    seed = secrets.randbelow(2**31)
    rng = random.Random(seed)
    means_s = [MEAN_S * RATIO, MEAN_S][:: -1 if setting.swapped else 1]
    with ExitStack() as cleanup:
        first, second = (
            cleanup.enter_context(server(setting.distribution, mean_s, rng.randrange(2**31)))
            for mean_s in means_s
        )
        if setting.busy:
            cleanup.enter_context(beside_busy_processes())
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="fivefold-truth-")))
        options = TargetOptions(
            [f"first={first}", f"second={second}"],
            [str(front_page.__file__)],
            seed=rng.randrange(2**31),
            out=folder,
        )
        compare_targets(options, dependencies=quiet())
        run = Run(folder / LATEST)
        results, samples = read_results(run), run.samples()
    if results.state != "complete":
        raise RuntimeError(results.reason)
    [group] = [each for each in groups_of(results, samples) if not each.is_noise]
    found = group.ratio(*group.variants)
    if found is None:
        raise RuntimeError("the run is too short for an interval")
    return TruthOutcome(
        **asdict(setting),
        seed=seed,
        truth=true_ratio(samples, means_s, DISTRIBUTIONS[setting.distribution], rng),
        centre=found.centre,
        low=found.low,
        high=found.high,
        widening=group.widenings["second"],
        observations=observations(group.samples),
    )


def true_ratio(
    samples: Iterable[Sample], means_s: Sequence[float], draw: Draw, rng: random.Random
) -> float:
    """Return the ratio that a run would find whose blocks came again without end.

    What a block took beyond what was drawn is of the machine, and of the same machine for both
    servers; more of it brings the ratio nearer to 1. With B_j what block j of either took beyond,
    and D what its requests draw at a mean of 1, drawn anew, it is

        exp mean_j E (ln(m_1 D + B_j) - ln(m_2 D + B_j)).
    """
    beyond_s: defaultdict[tuple[str, int], float] = defaultdict(float)
    requests: Counter[tuple[str, int]] = Counter()
    for sample in samples:
        if sample.regime == NATIVE:
            block = sample.variant, sample.observation
            beyond_s[block] += sample.duration_s - (sample.app_ms or 0) / MS_PER_S
            requests[block] += 1
    logs = []
    for block, more_s in beyond_s.items():
        for _ in range(_AGAIN):
            now_s = rng.random() * 1000
            drawn = sum(draw(rng, now_s) for _ in range(requests[block]))
            first, second = (mean_s * drawn + max(more_s, 0) for mean_s in means_s)
            logs.append(math.log(first / second))
    return math.exp(statistics.fmean(logs))


def next_setting(outcomes: Iterable[TruthOutcome], busy: Iterable[bool]) -> TruthSetting:
    """Return what has been run least so far."""
    counts = Counter((each.distribution, each.busy, each.swapped) for each in outcomes)
    distribution, beside, swapped = min(
        product(DISTRIBUTIONS, busy, (False, True)), key=lambda each: counts[each]
    )
    return TruthSetting(distribution=distribution, busy=beside, swapped=swapped)


def row(name: str, outcomes: Sequence[TruthOutcome]) -> list[str]:
    """Return how some runs came out, as texts."""
    errors, scores = ([getattr(each, what) for each in outcomes] for what in ("error", "score"))
    plain, widened = (
        statistics.fmean(each.holds(widened=how) for each in outcomes) for how in (False, True)
    )
    spread = statistics.stdev(scores) if len(scores) > 1 else math.nan
    return [
        name,
        str(len(outcomes)),
        f"{plain:.1%}",
        f"{widened:.1%}",
        f"{statistics.fmean(errors):+.2%}",
        f"{statistics.fmean(scores):+.2f}",
        f"{spread:.2f}",
        f"{statistics.fmean(each.half for each in outcomes):.1%}",
    ]


def table(outcomes: Sequence[TruthOutcome]) -> Table:
    """Return how all runs came out: by distribution, by what ran beside, by order, and together."""
    groups: dict[str, list[TruthOutcome]] = {}
    for each in outcomes:
        for name in (
            each.distribution,
            "beside busy processes" if each.busy else "alone",
            "slow one second" if each.swapped else "slow one first",
            "all",
        ):
            groups.setdefault(name, []).append(each)
    rows = [row(name, groups[name]) for name in sorted(groups, key=lambda name: name == "all")]
    return Table(HEADINGS, rows)


def bars(outcomes: Sequence[TruthOutcome]) -> Mapping[str, bool]:
    """Return what is asked of all runs together, and whether it holds."""
    held = [each.holds() for each in outcomes]
    series = [sum(held[start : start + SERIES]) for start in range(0, len(held), SERIES)]
    whole = series[: len(held) // SERIES]
    mean_score = statistics.fmean(each.score for each in outcomes)
    by_order = [
        [each.score for each in outcomes if each.swapped is swapped] for swapped in (False, True)
    ]
    found = {
        f"{statistics.fmean(held):.1%} hold the truth: 86 to 94 % are asked for": (
            0.86 <= statistics.fmean(held) <= 0.94
        ),
        f"the mean standardized error is {mean_score:+.2f}: 0.15 at most": abs(mean_score) <= 0.15,
    }
    if whole:
        least = f"of {SERIES} in a row {min(whole)} hold it at least: 40 are asked for"
        found[least] = min(whole) >= 40
    if min(map(len, by_order)) >= LEAST_OBSERVATIONS:
        change = mean_difference(*by_order, confidence=0.99)
        moved = f"swapped, the standardized error moves by {change.low:+.2f} to {change.high:+.2f}"
        found[f"{moved}: 0 is in it"] = change.low <= 0 <= change.high
    return found


def read_lines(file: Path) -> list[Any]:
    """Return what was collected so far, nothing without a file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def collect(given: argparse.Namespace, console: Console) -> list[TruthOutcome]:
    """Run as many as are asked for; return them with those that were collected before."""
    outcomes = [TruthOutcome(**entry) for entry in read_lines(given.out)]
    busy = {"busy": [True], "nothing": [False], "both": [False, True]}[given.beside]
    for number in range(given.runs):
        setting = next_setting(outcomes, busy)
        outcomes.append(one_run(setting))
        append_line(given.out, asdict(outcomes[-1]))
        console.print(f"{number + 1} of {given.runs} runs")
    return outcomes


def append_line(file: Path, entry: Mapping[str, Any]) -> None:
    """Add a line of JSON to a file."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry) + "\n")


def lines() -> Console:
    """Return where to print; a narrow terminal wraps the lines itself, so they can be searched."""
    return Console(soft_wrap=True, highlight=False)


def verdict(found: Mapping[str, bool], *, enough: bool, console: Console) -> int:
    """Print how the bars came out; returns 0 for met, 1 for missed and 3 for too few runs."""
    for text, met in found.items():
        console.print(f"{'✓' if met else '✗'} {text}")
    if not enough:
        console.print("Too few runs to say so: go on with the same file.")
        return 3
    return 0 if all(found.values()) else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the experiment that the command line asks for, and hold all of it against the bar."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.known_truth")
    parser.add_argument("--runs", type=int, default=20, help="more of them; 0 sums FILE up")
    parser.add_argument("--out", type=Path, required=True, help="runs are appended to this FILE")
    parser.add_argument("--beside", choices=("both", "busy", "nothing"), default="both")
    given = parser.parse_args(arguments)
    console = lines()
    outcomes = collect(given, console)
    if not outcomes:
        parser.error("there is no run to sum up")
    shown = Section("Coverage, bias and width", table=table(outcomes))
    print_page(Page("", [], [shown]), Console(width=120))
    return verdict(bars(outcomes), enough=len(outcomes) >= ENOUGH, console=console)


if __name__ == "__main__":
    sys.exit(main())

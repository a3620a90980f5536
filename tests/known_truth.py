"""Do the intervals hold the truth on real sockets? Servers whose answer times are known.

``python -m tests.known_truth --runs 60`` compares two such servers that often for each
distribution, by ``fivefold compare --target`` as anybody would, half of the runs beside two busy
processes, and prints how often the 90 % interval held the true ratio, by how much it was off, and
how wide it was. Seeds are new in every experiment: runs with the same seeds are correlated and
prove nothing twice. The bar, over 300 runs or more: 86 to 94 % hold it, the mean standardized error
lies within 0.15 of 0, and it makes no difference which of the two is named first.
"""

import argparse
import json
import math
import multiprocessing
import random
import secrets
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.analysis.claims.verdict import CONFIDENCE
from benchmarks.analysis.stats.intervals import t_quantile
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.run import compare_targets
from benchmarks.measure.client import Connection
from benchmarks.runner.dependencies import Dependencies
from benchmarks.scenarios.examples import front_page
from benchmarks.storage.run_folder import LATEST

MEAN_S = 0.003
BUSY = 2
"""Processes that compute all the time, beside every second run."""
_CALIBRATION = 300
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
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
class Outcome:
    """One run: what is true, and the 90 % interval as the blocks make it and as it is judged."""

    distribution: str
    busy: bool
    swapped: bool
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

    def holds(self, *, widened: bool) -> bool:
        """Tell whether the interval holds the truth, as it is judged or by its blocks alone."""
        return abs(self.error) <= self.half / (1 if widened else self.widening)


def serve(draw_name: str, mean_s: float, seed: int, port: "multiprocessing.Queue[int]") -> None:
    """Answer one connection after the other, each request after a time that is spun away."""
    rng = random.Random(seed)
    draw = DISTRIBUTIONS[draw_name]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port.put(server.getsockname()[1])
        while True:
            connection, _ = server.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _answer(connection, lambda: mean_s * draw(rng, time.time()))


def _answer(connection: socket.socket, answer_s: Callable[[], float]) -> None:
    while request := connection.recv(65_536):
        started = time.perf_counter()
        # A path of its own costs nothing: what remains is the way there and back.
        end = started + (0.0 if b"GET /nothing" in request[:16] else answer_s())
        while time.perf_counter() < end:
            pass
        connection.sendall(_HEAD)


def compute() -> None:
    """Take all of one processor."""
    while True:
        sum(range(10_000))


@contextmanager
def running(target: Callable[..., None], *arguments: Any) -> Iterator[BaseProcess]:
    """Have a process run until the end of the context."""
    process = _CONTEXT.Process(target=target, args=arguments, daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


@contextmanager
def server(distribution: str, mean_s: float, seed: int) -> Iterator[str]:
    """Have a server answer; yield its address."""
    port: multiprocessing.Queue[int] = _CONTEXT.Queue()
    with running(serve, distribution, mean_s, seed, port):
        yield f"http://127.0.0.1:{port.get(timeout=60)}"


def way_s(url: str) -> float:
    """Return what a request takes beside the answer time, as the recorder sees it."""
    with Connection(url) as connection:
        request = connection.prepare("GET", "/nothing")
        times = []
        for _ in range(_CALIBRATION):
            started = time.perf_counter()
            connection.send(request)
            times.append(time.perf_counter() - started)
    return statistics.fmean(times)


def one_run(
    distribution: str, *, ratio: float, busy: bool, swapped: bool, seed: int, profile: str
) -> Outcome:
    """Compare two servers of which the slow one takes ``ratio`` times as long."""
    rng = random.Random(seed)
    means = (MEAN_S, MEAN_S * ratio) if swapped else (MEAN_S * ratio, MEAN_S)
    with ExitStack() as cleanup:
        first, second = (
            cleanup.enter_context(server(distribution, mean, rng.randrange(2**31)))
            for mean in means
        )
        for _ in range(BUSY if busy else 0):
            cleanup.enter_context(running(compute))
        ways = [way_s(first), way_s(second)]
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="fivefold-truth-")))
        options = TargetOptions.asked_for(
            [f"first={first}", f"second={second}"],
            [str(front_page.__file__)],
            profile=profile,
            seed=rng.randrange(2**31),
            out=folder,
        )
        compare_targets(
            options, dependencies=Dependencies(console=Console(quiet=True), draw=lambda _: ())
        )
        # What the way takes beside busy processes differs from minute to minute.
        way = statistics.fmean([*ways, way_s(first), way_s(second)])
        results = json.loads((folder / LATEST / "results.json").read_text(encoding="utf-8"))
    if results["state"] != "complete":
        raise RuntimeError(results["reason"])
    [summary] = results["summaries"]
    [found] = summary["ratios"]
    return Outcome(
        distribution=distribution,
        busy=busy,
        swapped=swapped,
        seed=seed,
        truth=(means[0] + way) / (means[1] + way),
        centre=found["deciding"]["centre"],
        low=found["deciding"]["low"],
        high=found["deciding"]["high"],
        widening=summary["widenings"]["second"],
        observations=found["observations"],
    )


def row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
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


def table(outcomes: Sequence[Outcome]) -> Table:
    """Return how all runs came out: by distribution, by what ran beside, by order, and together."""
    groups: dict[str, list[Outcome]] = {}
    for each in outcomes:
        for name in (
            each.distribution,
            "beside busy processes" if each.busy else "alone",
            "slow one second" if each.swapped else "slow one first",
            "all",
        ):
            groups.setdefault(name, []).append(each)
    shown = Table()
    for heading in (
        "",
        "runs",
        "blocks hold",
        "widened hold",
        "bias",
        "z",
        "sd of z",
        "half width",
    ):
        shown.add_column(heading, overflow="fold")
    for name in sorted(groups, key=lambda name: name == "all"):
        shown.add_row(*row(name, groups[name]))
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the experiment that the command line asks for; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.known_truth")
    parser.add_argument("--runs", type=int, default=60, help="of each distribution")
    parser.add_argument("--ratio", type=float, default=1.2, help="slow over fast")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--only", choices=DISTRIBUTIONS, action="append", help="repeat for several")
    parser.add_argument("--out", type=Path, help="also write every run here, as lines of JSON")
    given = parser.parse_args(arguments)
    console, outcomes = Console(), list[Outcome]()
    for number in range(given.runs):
        for name in given.only or DISTRIBUTIONS:
            outcomes.append(
                one_run(
                    name,
                    ratio=given.ratio,
                    busy=number % 2 == 1,
                    swapped=number % 4 >= 2,
                    seed=secrets.randbelow(2**31),
                    profile=given.profile,
                )
            )
            if given.out:
                with given.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(outcomes[-1])) + "\n")
        console.print(f"{number + 1} of {given.runs} rounds", highlight=False)
    console.print(table(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``fivefold hit-ratio``: predict or, with servers up, measure point after point; publish."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from random import Random

from rich.console import Console
from rich.progress import Progress

from benchmarks.analysis.header import RunEnvironment
from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.sessions import Block, Frame, RunningVariant, run_block, warm_up
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, Point, grid
from benchmarks.predict.hit_ratio.report import PROFILE, page, write_files
from benchmarks.predict.hit_ratio.results import PointBlocks, assemble
from benchmarks.report.page import Published
from benchmarks.report.terminal import print_page
from benchmarks.runner.ending import FINE
from benchmarks.runner.environment import collect
from benchmarks.runner.job import Job, carry_out, shown_progress
from benchmarks.runner.services import Dependencies, RunContext, ServiceSpec, running_variants
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.actions import READS_AND_WRITES
from benchmarks.scenarios.base import Scenario
from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Choice, Popularity, Zipf
from benchmarks.stack.dataset import make_dataset
from benchmarks.storage.plain import to_json
from benchmarks.storage.records import NATIVE, Sample
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import DEFAULT_OUT
from benchmarks.variants.registry import VARIANTS, Variant

_WARM_UP = 60
BLOCKS = 10
_WARM_BLOCK_S, _LEAST_WARM_S = 0.5, 2.0
_WARM_TTLS = 2.2
"""No entry outlives its TTL, so by then a cache is as full as it gets."""
_TODOS_PER_USER, _PAYLOAD_BYTES = 5, 100


def hit_ratio(
    question: HitRatioQuestion,
    environ: Mapping[str, str],
    *,
    json: bool = False,
    dependencies: Dependencies | None = None,
) -> int:
    """Print the hit ratio that a workload must have and, if asked, what it has.

    Only what was measured has a folder. With ``json`` standard output gets the results. Returns 0,
    with ``measure`` also 3 when a check failed and 4 when something broke. Raises ``UsageError``.
    """
    dependencies = dependencies or Dependencies(console=Console(stderr=json))
    if question.measure:
        job = HitRatioJob(question, dependencies)
        return carry_out(job, environ, dependencies.console, json=json)
    results = assemble(question, [], collect(None, now=dependencies.now()))
    print_page(page(results), dependencies.console)
    if json:
        sys.stdout.write(to_json(results))
    return FINE


class HitRatioJob(Job):
    """Measures the points of a question; each lifetime has its own service."""

    _environment: RunEnvironment

    def __init__(self, question: HitRatioQuestion, dependencies: Dependencies) -> None:
        super().__init__()
        self._question = question
        self._dependencies = dependencies
        self._measured: list[tuple[Point, PointBlocks]] = []
        # What cannot be measured is refused before anything starts.
        self._points = grid(question)

    @property
    def measured(self) -> bool:
        """Tell whether a point was measured."""
        return bool(self._measured)

    def publish(self, run: Run) -> Published:
        """Write the results, the report and the figures into the folder."""
        results = assemble(
            self._question,
            self._measured,
            self._environment,
            state=self.state,
            reason=self.reason,
        )
        return write_files(run, results)

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure every point.

        Raises ``UsageError`` for a named server that cannot be used, and whatever else breaks it;
        what was measured until then is published.
        """
        question, dependencies = self._question, self._dependencies
        with shown_progress(dependencies.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("starting MongoDB and Redis", total=None)
            stack = cleanup.enter_context(dependencies.open_stack(environ=environ, redis=True))
            self._environment = collect(stack, now=dependencies.now())
            run = self.folder = Run.create(question.out or DEFAULT_OUT, PROFILE, dependencies.now())
            mongo = dependencies.connect_mongo(stack.mongo.url)
            cleanup.callback(mongo.close)
            context = RunContext(stack=stack, mongo=mongo, label=run.label, logs=run.logs)
            progress.update(step, description="starting a service for each TTL, logging users in")
            running = cleanup.enter_context(
                running_variants(
                    self._variants(),
                    make_dataset(
                        seed=question.seed,
                        users=question.users,
                        todos_per_user=_TODOS_PER_USER,
                        payload_bytes=_PAYLOAD_BYTES,
                    ),
                    spec=ServiceSpec(actions=READS_AND_WRITES),
                    context=context,
                    dependencies=dependencies,
                )
            )
            progress.remove_task(step)
            self._measure(running, progress)

    def _variants(self) -> list[Variant]:
        """Return a variant for each TTL of the points, the shortest first."""
        return [_variant(ttl_s) for ttl_s in sorted({each.workload.ttl_s for each in self._points})]

    def _measure(self, running: Sequence[RunningVariant], progress: Progress) -> None:
        question, by_name = self._question, {each.variant: each for each in running}
        for each in running:
            # What a service does once is done before anything is counted.
            warm_up(each, SCENARIOS["mostly-reads"], amount=_WARM_UP)
        every = progress.add_task(f"{len(self._points)} points", total=len(self._points))
        for point in self._points:
            task = progress.add_task(point.name, total=None)
            measured = measure(
                by_name[_variant(point.workload.ttl_s).name],
                point,
                seconds=question.seconds,
                seed=question.seed,
                dependencies=self._dependencies,
            )
            self._measured.append((point, measured))
            progress.remove_task(task)
            progress.advance(every)


def _variant(ttl_s: float) -> Variant:
    """Return our cached service with a TTL of a list, which is whole seconds."""
    return Variant(
        name=f"ttl-{ttl_s:.0f}",
        description=VARIANTS["cached"].description,
        kind="ours",
        uses_redis=True,
        env={
            "TODOS_TTL_SECONDS": f"{ttl_s:.0f}",
            # A busy machine is no reason to go without the cache, which would be no miss.
            "REDIS_DEADLINE_SECONDS": "2",
        },
    )


@dataclass(slots=True)
class Lasting:
    """A popularity that stays what it was when it was first drawn, over all blocks of a point."""

    popularity: Popularity
    _choice: Choice | None = None

    def choice(self, users: int, rng: Random) -> Choice:
        """Return the users' order of popularity, drawn by the first who asks."""
        if self._choice is None:
            self._choice = self.popularity.choice(users, rng)
        return self._choice


def measure(
    running: RunningVariant,
    point: Point,
    *,
    seconds: float,
    seed: int,
    dependencies: Dependencies,
) -> PointBlocks:
    """Measure one point from an empty cache, once it holds what it will hold.

    Raises ``ClientError`` or a driver's error.
    """
    running.empty_cache()
    # A point's blocks go on with the cache where the one before ended.
    going_on = replace(running, empty_cache=lambda: None)
    frame = Frame(
        scenario=_scenario_of(point),
        regime=NATIVE,
        origin_ns=dependencies.clock_ns(),
        seed=seed,
        clock_ns=dependencies.clock_ns,
        sleep=dependencies.sleep,
    )
    numbers = count()

    def block(seconds: float) -> list[Sample]:
        number = next(numbers)
        own = Block(number, observation=number, turn=number, variant=running.variant)
        amount = max(1, round(point.workload.rate * seconds))
        return run_block(going_on, own, frame, amount=amount)

    warm_s = max(_LEAST_WARM_S, _WARM_TTLS * point.workload.ttl_s)
    until_ns = frame.clock_ns() + round(warm_s * NS_PER_S)
    while frame.clock_ns() < until_ns:
        block(_WARM_BLOCK_S)
    return [block(seconds / BLOCKS) for _ in range(BLOCKS)]


def _scenario_of(point: Point) -> Scenario:
    """Return the point as a scenario like any other: a mix at a rate."""
    workload = point.workload
    return mix_scenario(
        f"hit-ratio {point.name}",
        f"GET and PUT of {workload.users} users, {workload.writes:.0%} writes",
        Mix(Lasting(Zipf(workload.skew)), reads=1 - workload.writes),
        rate=workload.rate,
    )

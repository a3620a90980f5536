"""The points of the curves as they are measured: servers up, services up, point after point."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from rich.progress import Progress

from benchmarks.measure.sessions import RunningVariant, warm_up
from benchmarks.predict.hit_ratio.files import PROFILE, write_files
from benchmarks.predict.hit_ratio.measuring import MeasuredPoint, Meter
from benchmarks.predict.hit_ratio.points import Point, grid
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.predict.hit_ratio.results import assemble
from benchmarks.report.page import Published
from benchmarks.runner.dependencies import Dependencies, shown_progress
from benchmarks.runner.environment import collect
from benchmarks.runner.job import Job
from benchmarks.runner.services import RunContext, ServiceSpec, opened_stack, running_variants
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.actions import READS_AND_WRITES
from benchmarks.stack.dataset import make_dataset
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import DEFAULT_OUT
from benchmarks.variants.registry import VARIANTS, Variant

_WARM_UP = 60


class HitRatioJob(Job):
    """Measures the points of a question that ``plan`` names; each lifetime has its own service."""

    def __init__(
        self,
        question: HitRatioQuestion,
        tools: Dependencies,
        *,
        plan: Callable[[HitRatioQuestion], Sequence[Point]] = grid,
    ) -> None:
        super().__init__()
        self._question = question
        self._tools = tools
        self._token = secrets.token_urlsafe(24)
        self._environment: dict[str, Any] = {}
        self._measured: list[MeasuredPoint] = []
        # What cannot be measured is refused before anything starts.
        self._points = plan(question)

    @property
    def measured(self) -> bool:
        """Tell whether a point was measured."""
        return bool(self._measured)

    def publish(self, run: Run) -> Published:
        """Write the results, the report and the figures into the folder."""
        header = {"state": self.state, "reason": self.reason, "environment": self._environment}
        return write_files(run, assemble(self._question, self._measured, header))

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure every point.

        Raises ``UsageError`` for a named server that cannot be used, and whatever else breaks it;
        what was measured until then is published.
        """
        question, tools = self._question, self._tools
        with shown_progress(tools.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("starting MongoDB and Redis", total=None)
            stack = cleanup.enter_context(opened_stack(tools, environ, redis=True))
            self._environment = collect(stack, now=tools.now())
            run = self.folder = Run.create(question.out or DEFAULT_OUT, PROFILE, tools.now())
            mongo = tools.connect_mongo(stack.mongo.url)
            cleanup.callback(mongo.close)
            place = RunContext(stack=stack, mongo=mongo, label=run.label, logs=run.logs)
            progress.update(step, description="starting a service for each TTL, logging users in")
            arms = cleanup.enter_context(
                running_variants(
                    [_variant(each, self._token) for each in _lifetimes(self._points)],
                    make_dataset(
                        seed=question.seed,
                        users=question.users,
                        todos_per_user=question.todos_per_user,
                        payload_bytes=question.payload_bytes,
                    ),
                    wanted=ServiceSpec(actions=READS_AND_WRITES),
                    place=place,
                    tools=tools,
                )
            )
            progress.remove_task(step)
            self._measure(arms, progress)

    def _measure(self, arms: Sequence[RunningVariant], progress: Progress) -> None:
        question, by_name = self._question, {arm.variant: arm for arm in arms}
        points = self._points
        meter = Meter(
            token=self._token, seconds=question.seconds, seed=question.seed, tools=self._tools
        )
        for arm in arms:
            # What a service does once is done before anything is counted.
            warm_up(arm, SCENARIOS["mostly-reads"], amount=_WARM_UP)
        every = progress.add_task(f"{len(points)} points", total=len(points))
        for point in points:
            task = progress.add_task(point.name, total=None)
            arm = by_name[_variant(_lifetime(point), self._token).name]
            self._measured.append(meter.measure(arm, point))
            progress.remove_task(task)
            progress.advance(every)


def _lifetime(point: Point) -> tuple[int, int]:
    return int(point.workload.ttl_s), int(point.workload.user_ttl_s)


def _lifetimes(points: Sequence[Point]) -> list[tuple[int, int]]:
    return sorted({_lifetime(point) for point in points})


def _variant(lifetime: tuple[int, int], token: str) -> Variant:
    """Return our cached service with these lifetimes of a list and of an account."""
    todos_s, user_s = lifetime
    return Variant(
        name=f"ttl-{todos_s}-{user_s}",
        description=VARIANTS["cached"].description,
        kind="ours",
        uses_redis=True,
        env={
            "TODOS_TTL_SECONDS": str(todos_s),
            "USER_TTL_SECONDS": str(user_s),
            "ADMIN_TOKEN": token,
            # A busy machine is no reason to go without the cache, which would be no miss.
            "REDIS_DEADLINE_SECONDS": "2",
        },
    )

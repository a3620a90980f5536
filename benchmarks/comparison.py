"""One comparison as it runs: servers up, variants up, regimes measured, every block saved."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.arms import Place, running_arms
from benchmarks.dataset import make_dataset
from benchmarks.environment import collect
from benchmarks.export.results import SCHEMA, assemble, to_json
from benchmarks.measure.blocks import interleave
from benchmarks.measure.regimes import (
    REGIMES,
    FailpointRefused,
    injected_delay,
    reset_delay,
)
from benchmarks.measure.sessions import Arm, Frame, run_block, warm_up
from benchmarks.options import CompareOptions, UsageError
from benchmarks.runs import Run
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.tools import Database, Tools
from benchmarks.variants import VARIANTS

_NAMED_SERVERS = ("MONGODB_URL", "REDIS_URL")
State = Literal["running", "complete", "interrupted", "broken"]


class Comparison:
    """Runs once. ``folder`` is there as soon as there is something to keep."""

    def __init__(self, options: CompareOptions, tools: Tools) -> None:
        self.folder: Run | None = None
        self.state: State = "running"
        self.reason = "it was ended without a chance to say why"
        self._options = options
        self._tools = tools
        self._environment: dict[str, Any] = {}
        self._skipped: dict[str, str] = {}
        self._variants = [VARIANTS[name] for name in options.variants]

    @property
    def header(self) -> dict[str, Any]:
        """Return what a report needs to know of the run beside its samples."""
        options = self._options
        return {
            "schema": SCHEMA,
            "state": self.state,
            "reason": self.reason,
            "environment": self._environment,
            "options": {
                "profile": options.profile,
                "scenarios": list(options.scenarios),
                "variants": list(options.variants),
                "seed": options.seed,
                "users": options.users,
                "todos_per_user": options.todos_per_user,
                "payload_bytes": options.payload_bytes,
                "warmup_sessions": options.warmup_sessions,
                "plans": {
                    regime: {"observations": plan.observations, "sessions": plan.sessions}
                    for regime, plan in options.plans.items()
                },
            },
            "regimes": [
                {
                    "name": name,
                    "description": REGIMES[name].description,
                    "delay_ms": REGIMES[name].delay_ms,
                    "skipped": self._skipped.get(name),
                }
                for name in options.plans
            ],
        }

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure everything that the options ask for.

        Raises ``UsageError`` for a named server that cannot be used and whatever else breaks it;
        the blocks measured until then are in the folder.
        """
        needs_redis = any(variant.uses_redis for variant in self._variants)
        with _progress(self._tools.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("starting MongoDB and Redis", total=None)
            stack = cleanup.enter_context(self._stack(environ, redis=needs_redis))
            self._environment = collect(stack, now=self._tools.now())
            self.folder = Run.create(self._options.out, self._options.profile, self._tools.now())
            mongo = self._tools.connect_mongo(stack.mongo.url)
            cleanup.callback(mongo.close)
            place = Place(stack=stack, mongo=mongo, label=self.folder.label, logs=self.folder.logs)
            progress.remove_task(step)
            for name in self._options.scenarios:
                self._measure(SCENARIOS[name], place, self.folder, progress)

    def end(self, state: State, reason: str = "") -> None:
        """Record how the run ended."""
        self.state, self.reason = state, reason

    def discard(self) -> None:
        """Remove the folder of a run that could not be made."""
        if self.folder is not None:
            shutil.rmtree(self.folder.path)
            self.folder = None

    @contextmanager
    def _stack(self, environ: Mapping[str, str], *, redis: bool) -> Iterator[Stack]:
        with ExitStack() as cleanup:
            try:
                opened = self._tools.open_stack(environ=environ, redis=redis)
                stack = cleanup.enter_context(opened)
            except StackError as error:
                # The stack's message starts with the variable whose server does not answer.
                if str(error).startswith(_NAMED_SERVERS):
                    raise UsageError(str(error)) from error
                raise
            yield stack

    def _measure(self, scenario: Scenario, place: Place, run: Run, progress: Progress) -> None:
        """Measure one scenario in every regime, with all variants up."""
        options, admin = self._options, place.mongo.get_database("admin")
        refusal = _refusal(admin)
        step = progress.add_task(f"starting {', '.join(options.variants)}", total=None)
        dataset = make_dataset(
            seed=options.seed,
            users=options.users,
            todos_per_user=options.todos_per_user,
            payload_bytes=options.payload_bytes,
        )
        with running_arms(
            self._variants, dataset, path=scenario.path, place=place, tools=self._tools
        ) as arms:
            progress.update(step, description="warming up")
            for arm in arms:
                warm_up(arm, sessions=options.warmup_sessions, reads=scenario.reads)
            progress.remove_task(step)
            origin_ns = self._tools.clock_ns()
            for name in options.plans:
                regime = REGIMES[name]
                if regime.delay_ms and refusal:
                    self._skipped[name] = refusal
                    continue
                frame = Frame(
                    scenario=scenario.name, regime=name, reads=scenario.reads, origin_ns=origin_ns
                )
                with injected_delay(admin, regime):
                    self._run_regime(frame, arms, run, progress)
                run.write(run.results_file, to_json(assemble(self.header, run.samples())))

    def _run_regime(self, frame: Frame, arms: Sequence[Arm], run: Run, progress: Progress) -> None:
        """Run a regime's blocks in their interleaved order, each saved as soon as it is done."""
        plan = self._options.plans[frame.regime]
        by_name = {arm.variant: arm for arm in arms}
        blocks = interleave(
            self._options.variants,
            observations=plan.observations,
            seed=f"{self._options.seed} {frame.scenario} {frame.regime}",
        )
        for block in progress.track(blocks, description=f"{frame.scenario}, {frame.regime}"):
            run.append(run_block(by_name[block.variant], block, frame, sessions=plan.sessions))


def _refusal(admin: Database) -> str:
    """Take away what an earlier run may have left, and say why delays cannot be injected."""
    try:
        reset_delay(admin)
    except FailpointRefused as refused:
        return str(refused)
    return ""


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )

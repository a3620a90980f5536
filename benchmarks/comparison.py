"""One comparison as it runs: servers up, variants up, regimes measured, every block saved."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from rich.progress import Progress

from benchmarks.arms import Place, opened_stack, running_arms
from benchmarks.dataset import make_dataset
from benchmarks.environment import collect, describe
from benchmarks.export.markdown import to_markdown
from benchmarks.export.results import SCHEMA, Results, assemble, failed_guards, to_json
from benchmarks.export.view import page
from benchmarks.job import Job, Published
from benchmarks.measure.blocks import interleave
from benchmarks.measure.regimes import (
    REGIMES,
    FailpointRefused,
    injected_delay,
    reset_delay,
)
from benchmarks.measure.sessions import Arm, Frame, run_block, warm_up
from benchmarks.options import CompareOptions
from benchmarks.probe.run import probe
from benchmarks.records import Coherence
from benchmarks.runs import Run
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.tools import Database, Tools, shown_progress
from benchmarks.variants import VARIANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    place: Place
    run: Run
    progress: Progress


class Comparison(Job):
    """All variants in interleaved blocks, then a probe of each."""

    def __init__(self, options: CompareOptions, tools: Tools) -> None:
        super().__init__()
        self._options = options
        self._tools = tools
        self._environment: dict[str, Any] = {}
        self._skipped: dict[str, str] = {}
        self._coherence: list[Coherence] = []

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
                "probe_seconds": options.probe_seconds,
                "plans": {
                    regime: {"observations": plan.observations, "sessions": plan.sessions}
                    for regime, plan in options.plans.items()
                },
            },
            "variants": [describe(VARIANTS[name]) for name in options.variants],
            "scenarios": [_described(SCENARIOS[name]) for name in options.scenarios],
            "coherence": [asdict(found) for found in self._coherence],
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
        needs_redis = any(VARIANTS[name].uses_redis for name in self._options.variants)
        with shown_progress(self._tools.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("starting MongoDB and Redis", total=None)
            stack = cleanup.enter_context(opened_stack(self._tools, environ, redis=needs_redis))
            self._environment = collect(stack, now=self._tools.now())
            self.folder = run = Run.create(
                self._options.out, self._options.profile, self._tools.now()
            )
            mongo = self._tools.connect_mongo(stack.mongo.url)
            cleanup.callback(mongo.close)
            place = Place(stack=stack, mongo=mongo, label=run.label, logs=run.logs)
            progress.remove_task(step)
            stage = _Stage(place=place, run=run, progress=progress)
            *others, last = (SCENARIOS[name] for name in self._options.scenarios)
            for scenario in others:
                with self._arms(scenario, stage) as arms:
                    self._measure(scenario, arms, stage)
            with self._arms(last, stage) as arms:
                self._measure(last, arms, stage)
                self._probe(arms, stage)

    @property
    def measured(self) -> bool:
        """Tell whether a block was measured."""
        return self.folder is not None and self.folder.samples_file.exists()

    def publish(self, run: Run) -> Published:
        """Write the results and the report into the folder."""
        results = save(run, self.header)
        return Published(page(results), check_failed=bool(failed_guards(results)))

    @contextmanager
    def _arms(self, scenario: Scenario, stage: _Stage) -> Iterator[Sequence[Arm]]:
        """Have every variant that the scenario can measure up and warm."""
        options, names = self._options, self._options.variants_of(scenario.name)
        step = stage.progress.add_task(f"starting {', '.join(names)}", total=None)
        dataset = make_dataset(
            seed=options.seed,
            users=options.users,
            todos_per_user=options.todos_per_user,
            payload_bytes=options.payload_bytes,
        )
        variants = [VARIANTS[name] for name in names]
        with running_arms(
            variants, dataset, scenario=scenario, place=stage.place, tools=self._tools
        ) as arms:
            stage.progress.update(step, description="warming up")
            for arm in arms:
                warm_up(arm, scenario, sessions=options.warmup_sessions)
            stage.progress.remove_task(step)
            yield arms

    def _measure(self, scenario: Scenario, arms: Sequence[Arm], stage: _Stage) -> None:
        """Measure one scenario in every regime."""
        admin = stage.place.mongo.get_database("admin")
        refusal = _refusal(admin)
        origin_ns = self._tools.clock_ns()
        for name in self._options.plans:
            regime = REGIMES[name]
            if regime.delay_ms and refusal:
                self._skipped[name] = refusal
                continue
            frame = Frame(scenario=scenario, regime=name, origin_ns=origin_ns)
            with injected_delay(admin, regime):
                self._run_regime(frame, arms, stage)
            save(stage.run, self.header)

    def _run_regime(self, frame: Frame, arms: Sequence[Arm], stage: _Stage) -> None:
        """Run a regime's blocks in their interleaved order, each saved as soon as it is done."""
        plan = self._options.plans[frame.regime]
        by_name = {arm.variant: arm for arm in arms}
        blocks = interleave(
            list(by_name),
            observations=plan.observations,
            seed=f"{self._options.seed} {frame.scenario.name} {frame.regime}",
        )
        described = f"{frame.scenario.name}, {frame.regime}"
        for block in stage.progress.track(blocks, description=described):
            arm = by_name[block.variant]
            stage.run.append(run_block(arm, block, frame, sessions=plan.sessions))

    def _probe(self, arms: Sequence[Arm], stage: _Stage) -> None:
        """Check the answers of every variant that can be written to, the database as it is."""
        options = self._options
        able = [arm for arm in arms if VARIANTS[arm.variant].kind != "ceiling"]
        for arm in stage.progress.track(able, description="checking every read"):
            url = arm.connection.url
            self._coherence.append(
                probe(arm.variant, url, seconds=options.probe_seconds, seed=options.seed)
            )
            save(stage.run, self.header)


def save(run: Run, header: Mapping[str, Any]) -> Results:
    """Compute the results from the folder's samples and write them and the report into it."""
    results = assemble(header, run.samples())
    run.write(run.results_file, to_json(results))
    run.write(run.report_file, to_markdown(page(results)))
    return results


def _described(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "purpose": scenario.purpose,
        "requests": scenario.requests,
        "primed": scenario.primed,
        "changes": scenario.changes,
    }


def _refusal(admin: Database) -> str:
    """Take away what an earlier run may have left, and say why delays cannot be injected."""
    try:
        reset_delay(admin)
    except FailpointRefused as refused:
        return str(refused)
    return ""

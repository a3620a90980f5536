"""The order of a comparison: services up, cases measured in interleaved blocks, every block saved.

All cases that need the same services share them. With several restarts everything is done anew,
so that what differs from one start of a process to the next is seen as well.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from rich.progress import Progress

from benchmarks.analysis.header import Case
from benchmarks.comparison.case import CaseMeasurement
from benchmarks.comparison.extras import Extras
from benchmarks.measure.delays import FailpointRefused, RedisPath, injected_delay, reset_delay
from benchmarks.measure.regimes import REGIMES
from benchmarks.measure.sessions import RunningVariant, warm_up
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.sampled import RunRecord
from benchmarks.runner.services import RunContext, ServiceSpec, running_variants
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import USUAL, Action, Setting
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.interfaces import Database
from benchmarks.storage.records import Regime
from benchmarks.storage.run_folder import Run
from benchmarks.variants.registry import VARIANTS


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Cases that share running services: the same setting, the same network path to Redis."""

    setting: Setting
    far_redis: bool
    cases: tuple[Case, ...]

    @property
    def is_usual(self) -> bool:
        """Tell whether nothing about the services is special."""
        return self.setting == USUAL and not self.far_redis

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return everything that its scenarios ask for, by name."""
        actions: dict[str, Action] = {}
        for case in self.cases:
            actions |= SCENARIOS[case.scenario].actions
        return actions


def groups(cases: Sequence[Case]) -> list[CaseGroup]:
    """Sort the cases by the services they need, in the order of their first."""
    sorted_cases: dict[tuple[Setting, bool], list[Case]] = {}
    for case in cases:
        far = REGIMES[case.regime].redis_delay_ms is not None
        sorted_cases.setdefault((SCENARIOS[case.scenario].setting, far), []).append(case)
    return [CaseGroup(*services, tuple(members)) for services, members in sorted_cases.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonSchedule:
    """One comparison on running servers; ``save`` is called whenever there is more to keep."""

    options: CompareOptions
    dependencies: Dependencies
    context: RunContext
    run: Run
    progress: Progress
    record: RunRecord
    save: Callable[[], None]

    def carry_out(self) -> None:
        """Measure everything; raises what breaks it."""
        admin = self.context.mongo.get_database("admin")
        refusal = _refusal(admin)
        origin_ns = self.dependencies.clock_ns()
        for restart in range(self.options.profile.restarts):
            for group in groups(self.options.cases):
                with self._running(group) as (running, path):
                    measurement = CaseMeasurement(
                        scenarios=SCENARIOS,
                        twinned=[
                            each.variant for each in running if VARIANTS[each.variant].is_twinned
                        ],
                        controls=not refusal,
                        seed=self.options.seed,
                        dependencies=self.dependencies,
                        run=self.run,
                        slowed=partial(slowed, admin, path),
                        restart=restart,
                        origin_ns=origin_ns,
                    )
                    for case in group.cases:
                        if refusal and REGIMES[case.regime].delay_ms:
                            self.record.skipped[case.regime] = refusal
                            continue
                        self._measure(case, running, measurement)
                    if group.is_usual:
                        self._extras(admin).measure(running, restart)

    def _measure(
        self, case: Case, running: Sequence[RunningVariant], measurement: CaseMeasurement
    ) -> None:
        able = self.options.variants_of(case.scenario)
        measured = [each for each in running if each.variant in able]
        self.record.system.append(measurement.measure(case, measured, self.progress))
        self.save()

    def _extras(self, admin: Database) -> Extras:
        return Extras(
            options=self.options,
            dependencies=self.dependencies,
            admin=admin,
            progress=self.progress,
            record=self.record,
            save=self.save,
        )

    @contextmanager
    def _running(self, group: CaseGroup) -> Iterator[tuple[list[RunningVariant], RedisPath | None]]:
        """Have every variant that the group can measure up and warm."""
        options, profile = self.options, self.options.profile
        scenarios = [SCENARIOS[case.scenario] for case in group.cases]
        names = dict.fromkeys(
            name for scenario in scenarios for name in options.variants_of(scenario.name)
        )
        dataset = make_dataset(
            seed=options.seed,
            users=profile.users,
            todos_per_user=profile.todos_per_user,
            payload_bytes=profile.payload_bytes,
            empty_share=group.setting.empty_share,
        )
        step = self.progress.add_task(f"starting {', '.join(names)}", total=None)
        with ExitStack() as cleanup:
            redis = self.context.stack.redis
            path = None
            if group.far_redis and redis is not None:
                path = cleanup.enter_context(self.dependencies.open_path(redis.url, self.run.logs))
            running = cleanup.enter_context(
                running_variants(
                    [VARIANTS[name] for name in names],
                    dataset,
                    spec=ServiceSpec(
                        actions=group.actions,
                        setting=group.setting,
                        toward_redis=path.toward if path else str,
                    ),
                    context=self.context,
                    dependencies=self.dependencies,
                )
            )
            self.progress.update(step, description="warming up")
            for each in running:
                warm_up(each, scenarios[0], amount=profile.warmup_sessions)
            self.progress.remove_task(step)
            yield running, path


@contextmanager
def slowed(admin: Database, path: RedisPath | None, regime: Regime) -> Iterator[None]:
    """Slow the database and the path to Redis down as a regime says, and leave them as before."""
    with ExitStack() as cleanup:
        cleanup.enter_context(injected_delay(admin, regime))
        if path is not None and regime.redis_delay_ms is not None:
            path.add(regime.redis_delay_ms)
            cleanup.callback(path.add, 0.0)
        yield


def _refusal(admin: Database) -> str:
    """Take away what an earlier run may have left, and say why delays cannot be injected."""
    try:
        reset_delay(admin)
    except FailpointRefused as refused:
        return str(refused)
    return ""

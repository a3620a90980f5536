"""The order of a comparison: services up, cases measured in interleaved blocks, every block saved.

All cases that need the same services share them. With several restarts everything is done anew,
so that what differs from one start of a process to the next is seen as well. Beside the cases the
schedule counts what reads ask of the servers, raises the load, and checks that answers are right.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from rich.progress import Progress

from benchmarks.analysis.header import Case
from benchmarks.capacity.options import CONNECTIONS, CapacityOptions
from benchmarks.capacity.sweep import order, take_step
from benchmarks.coherence.probe import probe
from benchmarks.comparison.case import CaseMeasurement
from benchmarks.comparison.load_sweep import estimate_capacity, rates_for, sweep_rates
from benchmarks.measure.counters import count
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
                        self._measure_beside(running, admin, restart)

    def _measure(
        self, case: Case, running: Sequence[RunningVariant], measurement: CaseMeasurement
    ) -> None:
        able = self.options.variants_of(case.scenario)
        measured = [each for each in running if each.variant in able]
        self.record.system.append(measurement.measure(case, measured, self.progress))
        self.save()

    def _measure_beside(
        self, running: Sequence[RunningVariant], admin: Database, restart: int
    ) -> None:
        """Count what each variant asks of its servers; at the last start also load and probe it."""
        options, profile, record = self.options, self.options.profile, self.record
        able = [each for each in running if VARIANTS[each.variant].kind != "ceiling"]
        for each in able:
            sleep = self.dependencies.sleep
            record.counters.append(count(each, admin=admin, restart=restart, sleep=sleep))
        self.save()
        if restart < profile.restarts - 1:
            return
        if profile.sweeps:
            self._sweep_connections(running)
            self._sweep_rates([each for each in running if VARIANTS[each.variant].is_twinned])
            self.save()
        for each in self.progress.track(able, description="checking every read"):
            url = each.connection.url
            judged = probe(each.variant, url, seconds=profile.probe_seconds, seed=options.seed)
            record.coherence.append(judged)
            self.save()

    def _sweep_connections(self, running: Sequence[RunningVariant]) -> None:
        options, profile, record = self.options, self.options.profile, self.record
        asked = CapacityOptions.asked(
            variants=[each.variant for each in running],
            connections=CONNECTIONS,
            rounds=profile.sweeps,
            seconds=profile.sweep_seconds,
            seed=options.seed,
        )
        steps = self.progress.track(order(asked), description="raising the connections")
        by_name = {each.variant: each for each in running}
        for place, (number, connections, variant, asks) in enumerate(steps):
            step, _ = take_step(
                by_name[variant],
                connections=connections,
                seconds=profile.sweep_seconds / 2,
                asks=asks,
                metadata={"round": number, "place": place},
            )
            record.steps.append(step)

    def _sweep_rates(self, running: Sequence[RunningVariant]) -> None:
        options, profile = self.options, self.options.profile
        capacities = [estimate_capacity(each) for each in running]
        rates = rates_for(capacities[0], max(capacities))
        steps = sweep_rates(
            running,
            rates=rates,
            rounds=profile.sweeps,
            seconds=profile.sweep_seconds,
            seed=options.seed,
        )
        total = len(rates) * len(running) * profile.sweeps
        task = self.progress.add_task("raising the rate", total=total)
        for step in steps:
            self.record.rates.append(step)
            self.progress.advance(task)
        self.progress.remove_task(task)

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

"""``fivefold compare``: services up, cases measured in interleaved blocks, every block saved.

With several restarts everything is done anew, so that what differs from one start of a process to
the next is seen as well. Beside the cases it counts what reads ask of the servers, raises the load,
and checks that answers are right.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from pymongo.database import Database
from rich.progress import Progress

from benchmarks.analysis.header import Case, Header, RunOptions
from benchmarks.capacity.options import CONNECTIONS, CapacityOptions
from benchmarks.capacity.sweep import order, take_steps
from benchmarks.coherence.probe import probe
from benchmarks.comparison.case import CaseMeasurement
from benchmarks.comparison.load_sweep import estimate_capacity, rates_for, sweep_rates
from benchmarks.measure.counters import count
from benchmarks.measure.delays import (
    FailpointRefused,
    delay_round_trips,
    injected_delay,
    reset_delay,
)
from benchmarks.measure.regimes import REGIMES
from benchmarks.measure.sessions import RunningVariant, warm_up
from benchmarks.runner.environment import collect, describe
from benchmarks.runner.job import SampledJob, carry_out, described, shown_progress
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.services import Dependencies, RunContext, ServiceSpec, running_variants
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import USUAL, Setting
from benchmarks.stack.dataset import Document, make_dataset
from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.storage.records import Regime
from benchmarks.storage.run_folder import Run
from benchmarks.variants.registry import VARIANTS

_DATA = ("users", "todos_per_user", "payload_bytes")
_AMOUNTS = (*_DATA, "warmup_sessions", "restarts", "probe_seconds", "sweeps", "sweep_seconds")
"""The fields of a profile that a run keeps."""


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


def groups(cases: Sequence[Case]) -> list[CaseGroup]:
    """Sort the cases by the services they need, in the order of their first."""
    sorted_cases: dict[tuple[Setting, bool], list[Case]] = {}
    for case in cases:
        far = REGIMES[case.regime].redis_delay_ms is not None
        sorted_cases.setdefault((SCENARIOS[case.scenario].setting, far), []).append(case)
    return [CaseGroup(*services, tuple(members)) for services, members in sorted_cases.items()]


@contextmanager
def slowed(admin: Database[Document], proxy: FaultProxy | None, regime: Regime) -> Iterator[None]:
    """Slow the database and the way to Redis down as a regime says, and leave them as before."""
    with ExitStack() as cleanup:
        cleanup.enter_context(injected_delay(admin, regime))
        if proxy is not None and regime.redis_delay_ms is not None:
            delay_round_trips(proxy, regime.redis_delay_ms)
            cleanup.callback(delay_round_trips, proxy, 0.0)
        yield


class Comparison(SampledJob):
    """All variants in interleaved blocks, then what is looked at beside them."""

    _dependencies: Dependencies
    _context: RunContext
    _progress: Progress
    _run: Run

    def __init__(self, options: CompareOptions, dependencies: Dependencies) -> None:
        super().__init__(dependencies)
        self._options = options
        self._skipped: dict[str, str] = {}

    @property
    def header(self) -> Header:
        """Return the header; a regime that the database refused says so."""
        options = self._options
        return Header(
            options=_options(options),
            variants=tuple(describe(VARIANTS[name]) for name in options.variants),
            scenarios=tuple(described(SCENARIOS[name]) for name in options.scenarios),
            regimes=tuple(
                replace(REGIMES[name], skipped=self._skipped.get(name)) for name in options.regimes
            ),
            **self._recorded,
        )

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure everything that the options ask for.

        Raises ``UsageError`` for a named server that cannot be used and whatever else breaks it;
        the blocks measured until then are in the folder.
        """
        needs_redis = any(VARIANTS[name].uses_redis for name in self._options.variants)
        dependencies = self._dependencies
        with shown_progress(dependencies.console) as self._progress, ExitStack() as cleanup:
            step = self._progress.add_task("starting MongoDB and Redis", total=None)
            stack = cleanup.enter_context(
                dependencies.open_stack(environ=environ, redis=needs_redis)
            )
            now = dependencies.now()
            self._environment = collect(stack, now=now)
            run = Run.create(self._options.out, self._options.profile.name, now)
            self.folder = self._run = run
            mongo = dependencies.connect_mongo(stack.mongo.url)
            cleanup.callback(mongo.close)
            self._progress.remove_task(step)
            self._context = RunContext(stack=stack, mongo=mongo, label=run.label, logs=run.logs)
            self._measure_all()

    def _measure_all(self) -> None:
        admin = self._context.mongo.get_database("admin")
        refused = ""
        try:
            # What an earlier run may have left goes, too.
            reset_delay(admin)
        except FailpointRefused as error:
            refused = str(error)
        origin_ns = self._dependencies.clock_ns()
        for restart in range(self._options.profile.restarts):
            for group in groups(self._options.cases):
                with self._running(group) as (running, proxy):
                    measurement = CaseMeasurement(
                        scenarios=SCENARIOS,
                        twinned=[
                            each.variant for each in running if VARIANTS[each.variant].is_twinned
                        ],
                        controls=not refused,
                        seed=self._options.seed,
                        dependencies=self._dependencies,
                        run=self._run,
                        slowed=partial(slowed, admin, proxy),
                        restart=restart,
                        origin_ns=origin_ns,
                    )
                    for case in group.cases:
                        if refused and REGIMES[case.regime].delay_ms:
                            self._skipped[case.regime] = refused
                            continue
                        self._measure(case, running, measurement)
                    if group.is_usual:
                        self._measure_beside(running, admin, restart)

    def _measure(
        self, case: Case, running: Sequence[RunningVariant], measurement: CaseMeasurement
    ) -> None:
        able = self._options.variants_of(case.scenario)
        measured = [each for each in running if each.variant in able]
        self._record.system.append(measurement.measure(case, measured, self._progress))
        self._save(self._run)

    def _measure_beside(
        self, running: Sequence[RunningVariant], admin: Database[Document], restart: int
    ) -> None:
        """Count what each variant asks of its servers; at the last start also load and probe it."""
        options, profile, record = self._options, self._options.profile, self._record
        able = [each for each in running if VARIANTS[each.variant].kind != "ceiling"]
        for each in able:
            sleep = self._dependencies.sleep
            record.counters.append(count(each, admin=admin, restart=restart, sleep=sleep))
        self._save(self._run)
        if restart < profile.restarts - 1:
            return
        if profile.sweeps:
            self._sweep_connections(running)
            self._sweep_rates([each for each in running if VARIANTS[each.variant].is_twinned])
            self._save(self._run)
        for each in self._progress.track(able, description="checking every read"):
            url = each.connection.url
            judged = probe(each.variant, url, seconds=profile.probe_seconds, seed=options.seed)
            record.coherence.append(judged)
            self._save(self._run)

    def _sweep_connections(self, running: Sequence[RunningVariant]) -> None:
        options, profile, record = self._options, self._options.profile, self._record
        asked = CapacityOptions.asked(
            variants=[each.variant for each in running],
            connections=CONNECTIONS,
            rounds=profile.sweeps,
            seconds=profile.sweep_seconds / 2,
            seed=options.seed,
        )
        steps = take_steps(asked, running)
        total = len(order(asked))
        record.steps += self._progress.track(
            steps, total=total, description="raising the connections"
        )

    def _sweep_rates(self, running: Sequence[RunningVariant]) -> None:
        options, profile = self._options, self._options.profile
        capacities = [estimate_capacity(each) for each in running]
        rates = rates_for(capacities[0], max(capacities), seconds=profile.sweep_seconds)
        steps = sweep_rates(
            running,
            rates=rates,
            rounds=profile.sweeps,
            seconds=profile.sweep_seconds,
            seed=options.seed,
        )
        total = len(rates) * len(running) * profile.sweeps
        task = self._progress.add_task("raising the rate", total=total)
        for step in steps:
            self._record.rates.append(step)
            self._progress.advance(task)
        self._progress.remove_task(task)

    @contextmanager
    def _running(
        self, group: CaseGroup
    ) -> Iterator[tuple[list[RunningVariant], FaultProxy | None]]:
        """Have every variant that the group can measure up and warm."""
        options, profile = self._options, self._options.profile
        scenarios = [SCENARIOS[case.scenario] for case in group.cases]
        actions = chain.from_iterable(each.actions.items() for each in scenarios)
        names = dict.fromkeys(
            name for scenario in scenarios for name in options.variants_of(scenario.name)
        )
        dataset = make_dataset(
            seed=options.seed,
            **{name: getattr(profile, name) for name in _DATA},
            empty_share=group.setting.empty_share,
        )
        step = self._progress.add_task(f"starting {', '.join(names)}", total=None)
        redis, proxy = self._context.stack.redis, None
        with ExitStack() as cleanup:
            if group.far_redis and redis is not None:
                # A process of its own, which costs a hop even when it adds nothing.
                log = self._run.logs / "redis-proxy.log"
                proxy = cleanup.enter_context(start_proxy(redis.url, log=log, name="redis-proxy"))
            way = proxy.url if proxy else None
            running = cleanup.enter_context(
                running_variants(
                    [VARIANTS[name] for name in names],
                    dataset,
                    spec=ServiceSpec(actions=dict(actions), setting=group.setting, redis_proxy=way),
                    context=self._context,
                    dependencies=self._dependencies,
                )
            )
            self._progress.update(step, description="warming up")
            for each in running:
                warm_up(each, scenarios[0], amount=profile.warmup_sessions)
            self._progress.remove_task(step)
            yield running, proxy


def compare(
    options: CompareOptions, environ: Mapping[str, str], *, dependencies: Dependencies | None = None
) -> int:
    """Measure the variants, write the run's folder and print its tables.

    Returns 0, 1 when a claim that was asked about does not hold, 3 when something is wrong or
    such a claim stays undecided, or 4 when
    something broke or the run was interrupted. What
    was measured until then is saved in every case. Servers named in ``environ`` are used, others
    are started; nothing is left running. Raises ``UsageError`` for a named server that does not
    answer or must not be used.
    """
    dependencies = dependencies or Dependencies()
    return carry_out(Comparison(options, dependencies), environ, dependencies.console)


def _options(options: CompareOptions) -> RunOptions:
    return RunOptions(
        profile=options.profile.name,
        scenarios=options.scenarios,
        variants=options.variants,
        seed=options.seed,
        parts=tuple(options.cases),
        claims=options.claims,
        asked=options.asked,
        **{name: getattr(options.profile, name) for name in _AMOUNTS},
    )

"""The order of a comparison: services up, parts measured in interleaved blocks, every block saved.

All parts that want the same services share them. With several restarts everything is done anew,
so that what differs from one start of a process to the next is seen as well.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial

from rich.progress import Progress

from benchmarks.comparison.case import CaseMeasurement
from benchmarks.comparison.extras import CloserLook
from benchmarks.measure.redis_path import RedisPath
from benchmarks.measure.regimes import (
    REGIMES,
    FailpointRefused,
    Regime,
    injected_delay,
    reset_delay,
)
from benchmarks.measure.sessions import RunningVariant, warm_up
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.profiles import Case
from benchmarks.runner.run_record import RunRecord
from benchmarks.runner.services import RunContext, ServiceSpec, running_variants
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import USUAL, Action, Setting
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.interfaces import Database
from benchmarks.storage.run_folder import Run
from benchmarks.variants.registry import VARIANTS


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Parts that share running services: the same setting, the same way to Redis."""

    setting: Setting
    far_redis: bool
    parts: tuple[Case, ...]

    @property
    def is_usual(self) -> bool:
        """Tell whether nothing about the services is special."""
        return self.setting == USUAL and not self.far_redis

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return everything that its scenarios ask for, by name."""
        actions: dict[str, Action] = {}
        for part in self.parts:
            actions |= SCENARIOS[part.scenario].actions
        return actions


def groups(parts: Sequence[Case]) -> list[CaseGroup]:
    """Sort the parts by the services they want, in the order of their first."""
    sorted_parts: dict[tuple[Setting, bool], list[Case]] = {}
    for part in parts:
        far = REGIMES[part.regime].redis_delay_ms is not None
        sorted_parts.setdefault((SCENARIOS[part.scenario].setting, far), []).append(part)
    return [CaseGroup(*wanted, tuple(members)) for wanted, members in sorted_parts.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonSchedule:
    """One comparison on running servers; ``save`` is called whenever there is more to keep."""

    options: CompareOptions
    tools: Dependencies
    place: RunContext
    run: Run
    progress: Progress
    kept: RunRecord
    save: Callable[[], None]

    def carry_out(self) -> None:
        """Measure everything; raises what breaks it."""
        admin = self.place.mongo.get_database("admin")
        refusal = _refusal(admin)
        origin_ns = self.tools.clock_ns()
        for restart in range(self.options.restarts):
            for group in groups(self.options.parts):
                with self._arms(group) as (arms, way):
                    measurement = CaseMeasurement(
                        scenarios=SCENARIOS,
                        twinned=[arm.variant for arm in arms if VARIANTS[arm.variant].is_twinned],
                        controls=not refusal,
                        seed=self.options.seed,
                        tools=self.tools,
                        run=self.run,
                        slowed=partial(slowed, admin, way),
                        restart=restart,
                        origin_ns=origin_ns,
                    )
                    for part in group.parts:
                        if refusal and REGIMES[part.regime].delay_ms:
                            self.kept.skipped[part.regime] = refusal
                            continue
                        self._measure(part, arms, measurement)
                    if group.is_usual:
                        self._closer_look(admin).take(arms, restart)

    def _measure(
        self, part: Case, arms: Sequence[RunningVariant], measurement: CaseMeasurement
    ) -> None:
        able = self.options.variants_of(part.scenario)
        used = measurement.measure(
            part, [arm for arm in arms if arm.variant in able], self.progress
        )
        self.kept.system.append(
            {"scenario": part.scenario, "regime": part.regime, "restart": measurement.restart}
            | asdict(used)
        )
        self.save()

    def _closer_look(self, admin: Database) -> CloserLook:
        return CloserLook(
            options=self.options,
            tools=self.tools,
            admin=admin,
            progress=self.progress,
            kept=self.kept,
            save=self.save,
        )

    @contextmanager
    def _arms(self, group: CaseGroup) -> Iterator[tuple[list[RunningVariant], RedisPath | None]]:
        """Have every variant that the group can measure up and warm."""
        options = self.options
        scenarios = [SCENARIOS[part.scenario] for part in group.parts]
        names = dict.fromkeys(
            name for scenario in scenarios for name in options.variants_of(scenario.name)
        )
        dataset = make_dataset(
            seed=options.seed,
            users=options.users,
            todos_per_user=options.todos_per_user,
            payload_bytes=options.payload_bytes,
            empty_share=group.setting.empty_share,
        )
        step = self.progress.add_task(f"starting {', '.join(names)}", total=None)
        with ExitStack() as cleanup:
            redis = self.place.stack.redis
            way = None
            if group.far_redis and redis is not None:
                way = cleanup.enter_context(self.tools.open_path(redis.url, self.run.logs))
            arms = cleanup.enter_context(
                running_variants(
                    [VARIANTS[name] for name in names],
                    dataset,
                    wanted=ServiceSpec(
                        actions=group.actions,
                        setting=group.setting,
                        toward_redis=way.toward if way else str,
                    ),
                    place=self.place,
                    tools=self.tools,
                )
            )
            self.progress.update(step, description="warming up")
            for arm in arms:
                warm_up(arm, scenarios[0], amount=options.warmup_sessions)
            self.progress.remove_task(step)
            yield arms, way


@contextmanager
def slowed(admin: Database, way: RedisPath | None, regime: Regime) -> Iterator[None]:
    """Have the database and the way to Redis be as slow as a regime says, and as before after."""
    with ExitStack() as cleanup:
        cleanup.enter_context(injected_delay(admin, regime))
        if way is not None and regime.redis_delay_ms is not None:
            way.add(regime.redis_delay_ms)
            cleanup.callback(way.add, 0.0)
        yield


def _refusal(admin: Database) -> str:
    """Take away what an earlier run may have left, and say why delays cannot be injected."""
    try:
        reset_delay(admin)
    except FailpointRefused as refused:
        return str(refused)
    return ""

"""One scenario in one regime: its blocks in their order, until it is known well enough."""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from rich.progress import Progress

from benchmarks.analysis.header import Case
from benchmarks.analysis.quantities.blocks import session_totals_s
from benchmarks.analysis.quantities.noise import LEAST_PAIRS
from benchmarks.analysis.stats.stopping import PAIR, StoppingRule
from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.regimes import REGIMES
from benchmarks.measure.sessions import Block, Frame, RunningVariant, interleave, run_block
from benchmarks.measure.system import spent
from benchmarks.runner.job_dependencies import JobDependencies
from benchmarks.scenarios.base import Scenario
from benchmarks.storage.records import AGAIN, CONTROLS, NATIVE, CaseUse, Regime, Sample
from benchmarks.storage.run_folder import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMeasurement:
    """Measures cases on running variants.

    ``slowed`` returns the context in which the servers are as slow as a regime says. The variants
    in ``twinned`` are compared with themselves where a regime is for that; with ``controls`` the
    first of them also with itself on a database that is known to be slower. A case ends when
    ``rule`` says that it is enough, or after ``most_s`` seconds if it had ``LEAST_PAIRS``
    observations by then; without a rule nothing but the plan and the time ends it.
    """

    scenarios: Mapping[str, Scenario]
    twinned: Collection[str]
    controls: bool
    seed: int
    dependencies: JobDependencies
    run: Run
    slowed: Callable[[Regime], AbstractContextManager[None]]
    restart: int
    origin_ns: int
    rule: StoppingRule | None = field(default_factory=StoppingRule)
    most_s: float = math.inf

    def measure(self, case: Case, running: Sequence[RunningVariant], progress: Progress) -> CaseUse:
        """Run the case's blocks, each saved as soon as it is done; return what it took."""
        regime, scenario = REGIMES[case.regime], self.scenarios[case.scenario]
        is_noise = regime.role == "noise"
        series = self._twins(running) if is_noise else _series(running, regime)
        # Sessions start cold anyway: the more often variants take turns, the less a machine that
        # changes its speed tells them apart. A mix needs its whole block to warm up.
        turns, amount = (
            (case.plan.amount, 1) if scenario.kind == "session" else (1, case.plan.amount)
        )
        frame = self._frame(scenario, regime)
        # A hit ratio has to be that of what was planned, and noise as wide as it is.
        stops = scenario.kind == "session" and not is_noise
        pace = _Pace(
            case,
            series,
            turns,
            self.seed,
            self.restart,
            rule=self.rule if stops else None,
            clock_ns=self.dependencies.clock_ns,
            until_ns=self.dependencies.clock_ns() + self.most_s * NS_PER_S,
        )
        task = progress.add_task(f"{case.scenario}, {case.regime}", total=pace.most)
        before = self.dependencies.read_system()
        with self.slowed(regime):
            for block in pace.blocks():
                one = series[block.variant]
                with self.slowed(one.regime) if is_noise else nullcontext():
                    samples = run_block(one.running, block, frame, amount=amount)
                self.run.append(samples)
                pace.note(block, samples)
                progress.advance(task)
        progress.remove_task(task)
        used = spent(before, self.dependencies.read_system())
        return CaseUse.of(used, scenario=case.scenario, regime=case.regime, restart=self.restart)

    def _frame(self, scenario: Scenario, regime: Regime) -> Frame:
        return Frame(
            scenario=scenario,
            regime=regime.name,
            origin_ns=self.origin_ns,
            restart=self.restart,
            seed=self.seed,
            clock_ns=self.dependencies.clock_ns,
            sleep=self.dependencies.sleep,
        )

    def _twins(self, running: Sequence[RunningVariant]) -> "dict[str, _Series]":
        """Return each variant twice, and the first one with the delays that it is controlled by."""
        twinned = [each for each in running if each.variant in self.twinned]
        native = REGIMES[NATIVE]
        series = {
            name: _Series(each, native)
            for each in twinned
            for name in (each.variant, each.variant + AGAIN)
        }
        if self.controls:
            reference = twinned[0]
            series |= {
                # One block is enough to see a delay, and the long one takes its time.
                reference.variant + suffix: _Series(
                    reference, REGIMES[f"db+{delay_ms}ms"], once=True
                )
                for suffix, delay_ms in CONTROLS.items()
            }
        return series


@dataclass(frozen=True, slots=True)
class _Series:
    """The blocks of one name: their variant, their regime, their number."""

    running: RunningVariant
    regime: Regime
    once: bool = False


def _series(running: Sequence[RunningVariant], regime: Regime) -> dict[str, _Series]:
    return {each.variant: _Series(each, regime) for each in running}


@dataclass(slots=True)
class _Pace:
    """The blocks of a case, two observations at a time, until the rule says that it is enough."""

    case: Case
    series: Mapping[str, _Series]
    turns: int
    seed: int
    restart: int
    rule: StoppingRule | None
    clock_ns: Callable[[], int]
    until_ns: float
    _times_s: dict[str, dict[int, list[float]]] = field(default_factory=dict)

    @property
    def most(self) -> int:
        """Return how many blocks there are at most."""
        in_one = sum(1 if one.once else self.turns for one in self.series.values())
        return self.case.plan.observations * in_one

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in their order; they are numbered over all restarts."""
        observations = self.case.plan.observations
        offset = self.restart * observations
        looked_at = 0
        for block in interleave(
            list(self.series),
            observations=observations,
            seed=f"{self.seed} {self.case.scenario} {self.case.regime} {self.restart}",
            turns=self.turns,
            once=[name for name, one in self.series.items() if one.once],
        ):
            if block.observation == looked_at + PAIR:
                looked_at = block.observation
                late = looked_at >= LEAST_PAIRS and self.clock_ns() >= self.until_ns
                if late or self._is_enough():
                    return
            yield replace(
                block,
                number=block.number + self.restart * self.most,
                observation=block.observation + offset,
                turn=block.turn + offset * self.turns,
            )

    def note(self, block: Block, samples: Sequence[Sample]) -> None:
        """Keep what a block's sessions took."""
        times_s = self._times_s.setdefault(block.variant, defaultdict(list))
        times_s[block.observation] += session_totals_s(samples).values()

    def _is_enough(self) -> bool:
        return self.rule is not None and self.rule.enough(
            [
                [statistics.fmean(times_s) for times_s in self._times_s[name].values()]
                for name in self.series
            ]
        )

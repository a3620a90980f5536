"""One scenario in one regime: its blocks in their order, until it is known well enough."""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby

from rich.progress import Progress

from benchmarks.analysis.header import Case
from benchmarks.analysis.quantities.blocks import session_totals_s
from benchmarks.analysis.quantities.noise import LEAST_PAIRS
from benchmarks.analysis.stats.stopping import PAIR, StoppingRule
from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.regimes import REGIMES
from benchmarks.measure.sessions import Block, Frame, RunningVariant, interleave, run_block
from benchmarks.measure.system import spent
from benchmarks.runner.job import JobDependencies
from benchmarks.scenarios.base import Scenario
from benchmarks.storage.records import AGAIN, CONTROLS, NATIVE, CaseUse, Regime
from benchmarks.storage.run_folder import Run

_Times = Mapping[str, dict[int, list[float]]]
"""What the sessions of each observation took, in seconds, by name."""


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
        is_noise, is_session = regime.role == "noise", scenario.kind == "session"
        usual = {each.variant: _Series(each, regime) for each in running}
        series = self._twins(running) if is_noise else usual
        # Sessions start cold anyway: the more often variants take turns, the less a machine that
        # changes its speed tells them apart. A mix needs its whole block to warm up.
        turns, amount = (case.plan.amount, 1) if is_session else (1, case.plan.amount)
        frame = self._frame(scenario, regime)
        # A hit ratio has to be that of what was planned, and noise as wide as it is.
        rule = self.rule if is_session and not is_noise else None
        pairs = self._pairs(case, series, turns)
        until_ns = self.dependencies.clock_ns() + self.most_s * NS_PER_S
        times_s: _Times = {name: defaultdict(list) for name in series}
        task = progress.add_task(f"{case.scenario}, {case.regime}", total=sum(map(len, pairs)))
        before = self.dependencies.read_system()
        with self.slowed(regime):
            for number, blocks in enumerate(pairs):
                late = number * PAIR >= LEAST_PAIRS and self.dependencies.clock_ns() >= until_ns
                if late or _is_enough(rule, times_s):
                    break
                for block in blocks:
                    one = series[block.variant]
                    with self.slowed(one.regime) if is_noise else nullcontext():
                        samples = run_block(one.running, block, frame, amount=amount)
                    self.run.append(samples)
                    times_s[block.variant][block.observation] += session_totals_s(samples).values()
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

    def _pairs(self, case: Case, series: "Mapping[str, _Series]", turns: int) -> list[list[Block]]:
        """Return all blocks in order, numbered over all restarts, two observations at a time."""
        blocks = interleave(
            list(series),
            observations=case.plan.observations,
            seed=f"{self.seed} {case.scenario} {case.regime} {self.restart}",
            turns=turns,
            once=[name for name, one in series.items() if one.once],
        )
        offset = self.restart * case.plan.observations
        return [
            [
                replace(
                    block,
                    number=block.number + self.restart * len(blocks),
                    observation=block.observation + offset,
                    turn=block.turn + offset * turns,
                )
                for block in pair
            ]
            for _, pair in groupby(blocks, lambda block: block.observation // PAIR)
        ]

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


def _is_enough(rule: StoppingRule | None, times_s: _Times) -> bool:
    return rule is not None and rule.enough(
        [[statistics.fmean(found) for found in each.values()] for each in times_s.values()]
    )

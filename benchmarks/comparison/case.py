"""One scenario in one regime: its blocks in their order, until it is known well enough."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from rich.progress import Progress

from benchmarks.analysis.quantities.summary import session_totals_s
from benchmarks.analysis.stats.stopping import PAIR, StoppingRule
from benchmarks.measure.blocks import Block, interleave
from benchmarks.measure.regimes import REGIMES, Regime
from benchmarks.measure.sessions import Frame, RunningVariant, run_block
from benchmarks.measure.system import SystemUse, spent
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.profiles import Case
from benchmarks.scenarios.base import Scenario
from benchmarks.storage.records import AGAIN, CONTROLS, NATIVE, Sample
from benchmarks.storage.run_folder import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMeasurement:
    """Measures parts on running arms.

    ``slowed`` returns the context in which the servers are as slow as a regime says. The variants
    in ``twinned`` are compared with themselves where a regime is for that; with ``controls`` the
    first of them also with itself on a database that is known to be slower.
    """

    scenarios: Mapping[str, Scenario]
    twinned: Collection[str]
    controls: bool
    seed: int
    tools: Dependencies
    run: Run
    slowed: Callable[[Regime], AbstractContextManager[None]]
    restart: int
    origin_ns: int

    def measure(self, part: Case, arms: Sequence[RunningVariant], progress: Progress) -> SystemUse:
        """Run the part's blocks, each saved as soon as it is done; return what it took."""
        regime, scenario = REGIMES[part.regime], self.scenarios[part.scenario]
        is_noise = regime.role == "noise"
        lanes = self._twins(arms) if is_noise else _lanes(arms, regime)
        # Sessions start cold anyway: the more often variants take turns, the less a machine that
        # changes its speed tells them apart. A mix needs its whole block to warm up.
        turns, amount = (
            (part.plan.amount, 1) if scenario.kind == "session" else (1, part.plan.amount)
        )
        frame = Frame(
            scenario=scenario,
            regime=regime.name,
            origin_ns=self.origin_ns,
            restart=self.restart,
            seed=self.seed,
            clock_ns=self.tools.clock_ns,
            sleep=self.tools.sleep,
        )
        # A hit ratio has to be that of what was planned, and noise as wide as it is.
        stops = scenario.kind == "session" and not is_noise
        pace = _Pace(part, lanes, turns, f"{self.seed}", self.restart, stops=stops)
        task = progress.add_task(f"{part.scenario}, {part.regime}", total=pace.most)
        before = self.tools.read_system()
        with self.slowed(regime):
            for block in pace.blocks():
                lane = lanes[block.variant]
                with self.slowed(lane.regime) if is_noise else nullcontext():
                    samples = run_block(lane.arm, block, frame, amount=amount)
                self.run.append(samples)
                pace.note(block, samples)
                progress.advance(task)
        progress.remove_task(task)
        return spent(before, self.tools.read_system())

    def _twins(self, arms: Sequence[RunningVariant]) -> "dict[str, _Lane]":
        """Return each variant twice, and the first one with the delays that it is controlled by."""
        twinned = [arm for arm in arms if arm.variant in self.twinned]
        native = REGIMES[NATIVE]
        lanes = {
            name: _Lane(arm, native)
            for arm in twinned
            for name in (arm.variant, arm.variant + AGAIN)
        }
        if self.controls:
            reference = twinned[0]
            lanes |= {
                # One block is enough to see a delay, and the long one takes its time.
                reference.variant + suffix: _Lane(reference, REGIMES[f"db+{delay_ms}ms"], once=True)
                for suffix, delay_ms in CONTROLS.items()
            }
        return lanes


@dataclass(frozen=True, slots=True)
class _Lane:
    """What the blocks of one name do: on which arm, in which regime, how often an observation."""

    arm: RunningVariant
    regime: Regime
    once: bool = False


def _lanes(arms: Sequence[RunningVariant], regime: Regime) -> dict[str, _Lane]:
    return {arm.variant: _Lane(arm, regime) for arm in arms}


@dataclass(slots=True)
class _Pace:
    """The blocks of a part, two observations at a time, until the rule says that it is enough."""

    part: Case
    lanes: Mapping[str, _Lane]
    turns: int
    seed: str
    restart: int
    stops: bool
    _rule: StoppingRule = field(default_factory=StoppingRule)
    _times_s: dict[str, dict[int, list[float]]] = field(default_factory=dict)

    @property
    def most(self) -> int:
        """Return how many blocks there are at most."""
        in_one = sum(1 if lane.once else self.turns for lane in self.lanes.values())
        return self.part.plan.observations * in_one

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in their order; they are numbered over all restarts."""
        observations = self.part.plan.observations
        offset = self.restart * observations
        looked_at = 0
        for block in interleave(
            list(self.lanes),
            observations=observations,
            seed=f"{self.seed} {self.part.scenario} {self.part.regime} {self.restart}",
            turns=self.turns,
            once=[name for name, lane in self.lanes.items() if lane.once],
        ):
            if block.observation == looked_at + PAIR:
                looked_at = block.observation
                if self._is_enough():
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
        return self.stops and self._rule.enough(
            [
                [statistics.fmean(times_s) for times_s in self._times_s[name].values()]
                for name in self.lanes
            ]
        )

"""What is looked at beside the blocks: counters, capacity, and whether the answers are right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.progress import Progress

from benchmarks.capacity.options import CONNECTIONS, CapacityOptions
from benchmarks.capacity.sweep import order, take_step
from benchmarks.coherence.probe import probe
from benchmarks.comparison.load_sweep import estimate_capacity, rates_for, sweep_rates
from benchmarks.measure.counters import count
from benchmarks.measure.sessions import RunningVariant
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.sampled import RunRecord
from benchmarks.stack.interfaces import Database
from benchmarks.variants.registry import VARIANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """Measures variants once their blocks are; ``save`` is called after each step."""

    options: CompareOptions
    dependencies: Dependencies
    admin: Database
    progress: Progress
    record: RunRecord
    save: Callable[[], None]

    def measure(self, running: Sequence[RunningVariant], restart: int) -> None:
        """Count what each variant asks of its servers; at the last start also load and probe it.

        Raises what breaks it.
        """
        options, profile, record = self.options, self.options.profile, self.record
        able = [each for each in running if VARIANTS[each.variant].kind != "ceiling"]
        for each in able:
            sleep = self.dependencies.sleep
            record.counters.append(count(each, admin=self.admin, restart=restart, sleep=sleep))
        self.save()
        if restart < profile.restarts - 1:
            return
        if profile.sweeps:
            self._sweep(running)
            self.save()
        for each in self.progress.track(able, description="checking every read"):
            url = each.connection.url
            judged = probe(each.variant, url, seconds=profile.probe_seconds, seed=options.seed)
            record.coherence.append(judged)
            self.save()

    def _sweep(self, running: Sequence[RunningVariant]) -> None:
        """Find out what each variant can carry: by connections, then by rates of arrival."""
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
        self._sweep_rates([each for each in running if VARIANTS[each.variant].is_twinned])

    def _sweep_rates(self, running: Sequence[RunningVariant]) -> None:
        options, profile = self.options, self.options.profile
        capacities = [estimate_capacity(each) for each in running]
        rates = rates_for(capacities[0], max(capacities))
        total = len(rates) * len(running) * profile.sweeps
        task = self.progress.add_task("raising the rate", total=total)
        steps = sweep_rates(
            running,
            rates=rates,
            rounds=profile.sweeps,
            seconds=profile.sweep_seconds,
            seed=options.seed,
        )
        for step in steps:
            self.record.rates.append(step)
            self.progress.advance(task)
        self.progress.remove_task(task)

"""A comparison of running services, from their addresses to the report."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from typing import Any

from rich.progress import Progress

from benchmarks.comparison.case import CaseMeasurement
from benchmarks.comparison.targets.options import Target, TargetOptions
from benchmarks.comparison.targets.scenario_file import ConnectedSite
from benchmarks.measure.client import Connection
from benchmarks.measure.sessions import RunningVariant, prepare, warm_up
from benchmarks.runner.dependencies import Dependencies, shown_progress
from benchmarks.runner.environment import collect
from benchmarks.runner.job import carry_out
from benchmarks.runner.sampled import SampledJob, described, described_regime
from benchmarks.stack.server import without_password
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

_NO_PROCESS = 0
_AS_THEY_ARE = "the services as they are"


def compare_targets(options: TargetOptions, *, dependencies: Dependencies | None = None) -> int:
    """Measure the targets in interleaved blocks; returns and raises what ``compare`` does."""
    dependencies = dependencies or Dependencies()
    return carry_out(TargetComparison(options, dependencies), {}, dependencies.console)


class TargetComparison(SampledJob):
    """All targets in interleaved blocks, and each against itself."""

    def __init__(self, options: TargetOptions, dependencies: Dependencies) -> None:
        super().__init__(dependencies)
        self._options = options
        self._users = 0

    @property
    def _asked(self) -> dict[str, Any]:
        options = self._options
        return {
            "options": {
                "profile": options.profile,
                "scenarios": [options.file.scenario.name],
                "variants": [target.name for target in options.targets],
                "seed": options.seed,
                "users": self._users,
                "restarts": 1,
                "parts": [asdict(case) for case in options.cases],
                "claims": [asdict(claim) for claim in options.claims],
                "asked": list(options.asked),
            },
            "variants": [_variant(target) for target in options.targets],
            "scenarios": [described(options.file.scenario)],
            "regimes": [
                described_regime(case.regime, None) | {"description": _AS_THEY_ARE}
                for case in options.cases
            ],
        }

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure every case; raises ``UsageError`` for a target that cannot be used."""
        del environ
        dependencies, options = self._dependencies, self._options
        scenario = options.file.scenario
        self._environment = collect(None, now=dependencies.now())
        with shown_progress(dependencies.console) as progress, ExitStack() as cleanup:
            running = [
                cleanup.enter_context(self._running(target, progress)) for target in options.targets
            ]
            self._users = running[0].users
            if {each.users for each in running} != {self._users}:
                raise UsageError("members() has to return as many users at every target")
            self.folder = run = Run.create(options.out, options.profile, dependencies.now())
            for each in running:
                warm_up(each, scenario, amount=options.warm_up)
            measurement = CaseMeasurement(
                scenarios={scenario.name: scenario},
                twinned=[each.variant for each in running],
                controls=False,
                seed=options.seed,
                dependencies=dependencies,
                run=run,
                slowed=lambda _regime: nullcontext(),
                restart=0,
                origin_ns=dependencies.clock_ns(),
            )
            for case in options.cases:
                used = measurement.measure(case, running, progress)
                metadata = {"scenario": case.scenario, "regime": case.regime, "restart": 0}
                self._record.system.append(metadata | asdict(used))
                self._save(run)

    @contextmanager
    def _running(self, target: Target, progress: Progress) -> Iterator[RunningVariant]:
        """Have the scenario's users ready at a target."""
        step = progress.add_task(f"setting up {target.name}", total=None)
        file = self._options.file
        with (
            Connection(target.url) as setting_up,
            Connection(target.url, clock_ns=self._dependencies.clock_ns) as connection,
        ):
            members = list(file.members(ConnectedSite(target.name, target.url, setting_up)))
            if not members:
                raise UsageError(f"members() returned nobody for {target.name}")
            progress.remove_task(step)
            yield RunningVariant(
                variant=target.name,
                connection=connection,
                requests={
                    name: [prepare(connection, action, member) for member in members]
                    for name, action in file.scenario.actions.items()
                },
                empty_cache=lambda: None,
                pid=_NO_PROCESS,
            )


def _variant(target: Target) -> dict[str, Any]:
    return {
        "name": target.name,
        "kind": "target",
        "caches": False,
        "description": without_password(target.url),
        "packages": {},
    }

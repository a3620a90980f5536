"""One comparison: its header, its folder, and what is published of it."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from benchmarks.arms import Place, opened_stack
from benchmarks.environment import collect, describe
from benchmarks.export.results import SCHEMA, assemble, empty, to_json
from benchmarks.export.write import write_report
from benchmarks.job import Job, Published
from benchmarks.kept import Kept
from benchmarks.measure.regimes import REGIMES
from benchmarks.options import CompareOptions
from benchmarks.programme import Programme
from benchmarks.runs import Run
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.tools import Tools, shown_progress
from benchmarks.variants import VARIANTS


class Comparison(Job):
    """All variants in interleaved blocks, then a closer look at each."""

    def __init__(self, options: CompareOptions, tools: Tools) -> None:
        super().__init__()
        self._options = options
        self._tools = tools
        self._environment: dict[str, Any] = {}
        self._kept = Kept()

    @property
    def header(self) -> dict[str, Any]:
        """Return what a report needs to know of the run beside its samples."""
        options, kept = self._options, self._kept
        return {
            "schema": SCHEMA,
            "state": self.state,
            "reason": self.reason,
            "environment": self._environment,
            "options": _asked(options),
            "variants": [describe(VARIANTS[name]) for name in options.variants],
            "scenarios": [described(SCENARIOS[name]) for name in options.scenarios],
            "regimes": [described_regime(name, kept.skipped.get(name)) for name in options.regimes],
            "coherence": kept.coherence,
            "counters": kept.counters,
            "system": kept.system,
            "rates": kept.rates,
            "steps": kept.steps,
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
            progress.remove_task(step)
            Programme(
                options=self._options,
                tools=self._tools,
                place=Place(stack=stack, mongo=mongo, label=run.label, logs=run.logs),
                run=run,
                progress=progress,
                kept=self._kept,
                # Until the end nothing is computed: that would be measured along.
                save=lambda: run.write(run.results_file, to_json(empty(self.header))),
            ).carry_out()

    @property
    def measured(self) -> bool:
        """Tell whether a block was measured."""
        return self.folder is not None and self.folder.samples_file.exists()

    def publish(self, run: Run) -> Published:
        """Write the results and the report into the folder."""
        return write_report(run, assemble(self.header, run.samples()), draw=self._tools.draw)


def _asked(options: CompareOptions) -> dict[str, Any]:
    return {
        "profile": options.profile,
        "scenarios": list(options.scenarios),
        "variants": list(options.variants),
        "seed": options.seed,
        "users": options.users,
        "todos_per_user": options.todos_per_user,
        "payload_bytes": options.payload_bytes,
        "warmup_sessions": options.warmup_sessions,
        "restarts": options.restarts,
        "probe_seconds": options.probe_seconds,
        "climbs": options.climbs,
        "climb_seconds": options.climb_seconds,
        "parts": [asdict(part) for part in options.parts],
        "claims": [asdict(claim) for claim in options.claims],
        "asked": list(options.asked),
    }


def described_regime(name: str, skipped: str | None) -> dict[str, Any]:
    """Return a regime for a header, with why it was skipped if it was."""
    return asdict(REGIMES[name]) | {"skipped": skipped}


def described(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario for a header."""
    return {
        "name": scenario.name,
        "purpose": scenario.purpose,
        "kind": scenario.kind,
        "requests": scenario.requests,
        "primed": scenario.primed,
        "changes": scenario.writes_only,
        "changing": sorted(scenario.changes),
        "rate": scenario.rate,
        "setting": asdict(scenario.setting) | {"env": dict(scenario.setting.env)},
    }

"""A job whose results are computed from samples of requests: how it is kept and published."""

from abc import abstractmethod
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.measure.regimes import REGIMES
from benchmarks.report.page import Published
from benchmarks.report.results import SCHEMA, assemble, empty, to_json
from benchmarks.report.write import write_report
from benchmarks.runner.job import Job
from benchmarks.runner.job_dependencies import JobDependencies
from benchmarks.scenarios.base import Scenario
from benchmarks.storage.run_folder import Run

Entries = list[dict[str, Any]]


@dataclass(slots=True)
class RunRecord:
    """Plain values for the header of a run, in the order in which they were found."""

    skipped: dict[str, str] = field(default_factory=dict)
    coherence: Entries = field(default_factory=list)
    counters: Entries = field(default_factory=list)
    system: Entries = field(default_factory=list)
    rates: Entries = field(default_factory=list)
    steps: Entries = field(default_factory=list)


class SampledJob(Job):
    """Measures blocks of samples; what it was asked and what it measures differ."""

    def __init__(self, dependencies: JobDependencies) -> None:
        super().__init__()
        self._dependencies = dependencies
        self._environment: dict[str, Any] = {}
        self._record = RunRecord()

    @property
    @abstractmethod
    def _asked(self) -> dict[str, Any]:
        """Return the options, the variants, the scenarios and the regimes, as plain values."""

    @property
    def header(self) -> dict[str, Any]:
        """Return what a report needs to know of the run beside its samples."""
        record = asdict(self._record)
        del record["skipped"]
        return {
            "schema": SCHEMA,
            "state": self.state,
            "reason": self.reason,
            "environment": self._environment,
            **self._asked,
            **record,
        }

    @property
    def measured(self) -> bool:
        """Tell whether a block was measured."""
        return self.folder is not None and self.folder.samples_file.exists()

    def publish(self, run: Run) -> Published:
        """Write the results and the report into the folder."""
        return write_report(run, assemble(self.header, run.samples()), draw=self._dependencies.draw)

    def _save(self, run: Run) -> None:
        """Keep the header; until the end nothing is computed, that would be measured along."""
        run.write(run.results_file, to_json(empty(self.header)))


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
        "answers": sorted(scenario.answers),
        "setting": asdict(scenario.setting) | {"env": dict(scenario.setting.env)},
    }

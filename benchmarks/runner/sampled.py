"""A job whose results are computed from samples of requests: how it is kept and published."""

from abc import abstractmethod
from dataclasses import dataclass, field, fields
from typing import Any

from benchmarks.analysis.header import (
    SCHEMA,
    Header,
    MeasuredScenario,
    MeasuredSetting,
    RunEnvironment,
)
from benchmarks.report.page import Published
from benchmarks.report.results import assemble
from benchmarks.report.write import write_report
from benchmarks.runner.job import Job
from benchmarks.runner.job_dependencies import JobDependencies
from benchmarks.scenarios.base import Scenario
from benchmarks.storage.plain import rounded, to_json
from benchmarks.storage.records import CaseUse, Coherence, Counted, RateStep, SweepStep
from benchmarks.storage.run_folder import Run


@dataclass(slots=True)
class RunRecord:
    """The findings of a run while it is made, in order."""

    coherence: list[Coherence] = field(default_factory=list)
    counters: list[Counted] = field(default_factory=list)
    system: list[CaseUse] = field(default_factory=list)
    rates: list[RateStep] = field(default_factory=list)
    steps: list[SweepStep] = field(default_factory=list)


class SampledJob(Job):
    """Measures blocks of samples; what it was asked and what it measures differ."""

    _environment: RunEnvironment

    def __init__(self, dependencies: JobDependencies) -> None:
        super().__init__()
        self._dependencies = dependencies
        self._record = RunRecord()

    @property
    @abstractmethod
    def header(self) -> Header:
        """Return what a report needs to know of the run beside its samples."""

    @property
    def _recorded(self) -> dict[str, Any]:
        """Return the parts of the header that do not depend on what the job was asked."""
        found = {each.name: tuple(getattr(self._record, each.name)) for each in fields(RunRecord)}
        return {
            **found,
            "schema": SCHEMA,
            "state": self.state,
            "reason": self.reason,
            "environment": self._environment,
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
        run.write(run.results_file, to_json(rounded(self.header)))


def described(scenario: Scenario) -> MeasuredScenario:
    """Return a scenario for a header."""
    setting = scenario.setting
    return MeasuredScenario(
        name=scenario.name,
        purpose=scenario.purpose,
        kind=scenario.kind,
        requests=scenario.requests,
        primed=scenario.primed,
        changes=scenario.writes_only,
        changing=tuple(sorted(scenario.changes)),
        rate=scenario.rate,
        answers=(200,),
        setting=MeasuredSetting(
            env=dict(setting.env), empty_share=setting.empty_share, indexed=setting.indexed
        ),
    )

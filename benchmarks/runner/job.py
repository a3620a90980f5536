"""A long measurement that keeps what it has, however it ends.

Its dependencies are the clock, the machine and the terminal: tests pass fakes of these in, and
nothing else is swapped. None of it needs a server's driver, so that services of others are compared
without any.
"""

import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from time import perf_counter_ns, sleep
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.analysis.header import (
    SCHEMA,
    Header,
    MeasuredScenario,
    MeasuredSetting,
    RunEnvironment,
)
from benchmarks.measure.client import ClientError
from benchmarks.measure.system import SystemReading, read_system
from benchmarks.report.figure import Figure
from benchmarks.report.page import Published
from benchmarks.report.results import assemble
from benchmarks.report.terminal import print_page
from benchmarks.report.write import draw_figures, write_report
from benchmarks.runner.ending import BROKEN, FINE, INCONCLUSIVE, NOT_HELD, say, say_broken
from benchmarks.scenarios.base import Scenario
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.storage.plain import rounded, to_json
from benchmarks.storage.records import CaseUse, Coherence, Counted, RateStep, SweepStep
from benchmarks.storage.run_folder import LATEST, Run
from benchmarks.storage.usage import UsageError, kind_and_sentence, sentence

if TYPE_CHECKING:
    # They need numpy, which takes as long to import as all options to be read.
    from benchmarks.report.computed import Results

State = Literal["running", "complete", "interrupted", "broken"]
BREAKS = (StackError, ClientError, OSError)
"""The exceptions of servers and services that others run."""


class Job(ABC):
    """Runs once. ``folder`` is there as soon as there is something to keep."""

    def __init__(self) -> None:
        self.folder: Run | None = None
        self.state: State = "running"
        self.reason = "it was ended without a chance to say why"

    @abstractmethod
    def run(self, environ: Mapping[str, str]) -> None:
        """Measure everything; raises ``UsageError`` and whatever breaks it.

        What was measured until then is in the folder.
        """

    @property
    @abstractmethod
    def measured(self) -> bool:
        """Tell whether there is anything to publish."""

    @abstractmethod
    def publish(self, run: Run) -> Published:
        """Write the results and the report into the folder."""


def shown_progress(console: Console) -> Progress:
    """Return the display of a long job; it is gone when the job is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


@dataclass(frozen=True, kw_only=True)
class JobDependencies:
    """The real ones, unless told otherwise."""

    console: Console = field(default_factory=Console)
    clock_ns: Callable[[], int] = perf_counter_ns
    sleep: Callable[[float], None] = sleep
    read_system: Callable[[], SystemReading] = read_system
    draw: "Callable[[Results], Sequence[Figure]]" = draw_figures
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


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
        run.write_all({run.results_file: to_json(rounded(self.header))})


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


def carry_out(job: Job, environ: Mapping[str, str], console: Console, *, json: bool = False) -> int:
    """Run a job to its end, publish and print what there is, say how it ended.

    With ``json`` standard output gets the file of the results, where there is one.

    Ctrl-C and SIGTERM are an end like others. Returns 0, 1 when a claim that was asked about does
    not hold, 3 when something is wrong or such a claim stayed undecided, or 4 when something broke
    or the job was interrupted. Raises ``UsageError`` while nothing is measured; no folder is left.
    """
    try:
        with terminate_as_interrupt():
            job.run(environ)
        job.state, job.reason = "complete", ""
    except KeyboardInterrupt:
        job.state, job.reason = "interrupted", "it was stopped before its end"
    except UsageError as error:
        # A named server may become unusable between two starts of the services.
        if not job.measured:
            if job.folder is not None:
                shutil.rmtree(job.folder.path)
            raise
        job.state, job.reason = "broken", sentence(error)
    except BREAKS as error:
        job.state, job.reason = "broken", sentence(error)
    except Exception as error:  # noqa: BLE001 - what was measured is kept whatever breaks
        job.state, job.reason = "broken", kind_and_sentence(error)
    code = _conclude(job, console)
    if json and job.folder is not None and job.folder.results_file.exists():
        sys.stdout.write(job.folder.results_file.read_text(encoding="utf-8"))
    return code


def _conclude(job: Job, console: Console) -> int:
    run = job.folder
    if run is None or not job.measured:
        say_broken(f"Nothing was measured: {job.reason}.")
        if run is not None:
            say_broken(f"The logs are in {run.logs}")
        return BROKEN
    try:
        published = job.publish(run)
    except Exception as error:  # noqa: BLE001 - the raw data is saved whatever breaks
        what = f"No report could be made: {kind_and_sentence(error)}."
        say_broken(f"{what} What was measured is saved in {run.path}")
        return BROKEN
    print_page(published.page, console)
    what = "Report, raw data and logs" if run.logs.exists() else "Report and raw data"
    latest = run.path.with_name(LATEST)
    also = f" ({latest})" if latest.resolve() == run.path.resolve() else ""
    say(console, f"\n{what} are in {run.path}{also}")
    if job.state != "complete":
        say_broken(f"The run is {job.state}: {job.reason}. What was measured is saved.")
        return BROKEN
    return _judged(published, console)


def _judged(published: Published, console: Console) -> int:
    """Say what follows of a run that came to its end."""
    if published.check_failed:
        say(console, "Something is wrong: do what its check says, then run again.", style="red")
        return INCONCLUSIVE
    if published.not_held:
        say(console, f"Does not hold: {'; '.join(published.not_held)}.", style="red")
        return NOT_HELD
    if published.undecided:
        what = f"Inconclusive: {'; '.join(published.undecided)}. Measure more, or more quietly."
        say(console, what, style="red")
        return INCONCLUSIVE
    return FINE

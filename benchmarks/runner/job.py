"""A long measurement that keeps what it has, however it ends."""

import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Literal

from rich.console import Console

from benchmarks.measure.client import ClientError
from benchmarks.report.page import Published
from benchmarks.report.terminal import print_page
from benchmarks.runner.ending import BROKEN, FINE, INCONCLUSIVE, NOT_HELD, say, say_broken
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.storage.run_folder import LATEST, Run
from benchmarks.storage.usage import UsageError, kind_and_sentence, sentence

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

    def discard(self) -> None:
        """Remove the folder of a job that could not be done."""
        if self.folder is not None:
            shutil.rmtree(self.folder.path)
            self.folder = None


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
            job.discard()
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

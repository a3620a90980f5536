"""The dependencies of every job: the clock, the machine, the terminal.

Tests pass fakes of these in; nothing else is swapped. None of it needs a server's driver, so that
services of others are compared without any.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter_ns, sleep
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.measure.system import SystemReading, read_system
from benchmarks.report.figure import Figure
from benchmarks.report.write import draw_figures

if TYPE_CHECKING:
    # They need numpy, which takes as long to import as all options to be read.
    from benchmarks.report.computed import Results


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

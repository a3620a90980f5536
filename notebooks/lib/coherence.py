"""The race: the committed recording or, live, one that is played now, and what it shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.analysis.model.hit_ratio import expiring
from benchmarks.coherence.race import figure, findings
from benchmarks.coherence.race.findings import (
    Race,
    RaceStep,
    Recording,
    ServerState,
    judge,
    sentence,
)
from benchmarks.coherence.race.report import KIND, read
from benchmarks.report.computed import Results
from benchmarks.report.measured import sessions
from benchmarks.report.page import Section, Table
from notebooks.lib.data import OUT, Command, fivefold, folder_of


def recorded(out: Path = OUT, *, command: Command = fivefold) -> Race:
    """Return the newest published race or, with ``FIVEFOLD_LIVE=1``, one that is played now.

    Raises as ``folder_of`` does.
    """
    return read(folder_of(KIND, "race", out=out, command=command))


def where(state: ServerState) -> str:
    """Return what the two servers held, as Markdown."""
    return f"MongoDB has **{state.mongodb}**, Redis has **{findings.in_redis(state)}**"


def by_ttl(ttls_s: Sequence[float], *, reads_per_second: float) -> Table:
    """Return the hit ratio of a list that is never written, for each time that it may live."""
    rates = np.array([reads_per_second])
    rows = [(f"{ttl_s} s", f"{expiring(rates, ttl_s=ttl_s).item():.2f}") for ttl_s in ttls_s]
    return Table(("an old list lives up to", "hit ratio"), rows)


def late_by_ms(recording: Recording) -> float:
    """Return how long after the acknowledgement of the write the held value arrived.

    Raises ``ValueError`` when nothing was held.
    """
    if recording.arrived_ns is None:
        raise ValueError(f"nothing was held while {recording.variant} played")
    acknowledged_ns = max(each.returned_ns for each in recording.operations if not each.is_read)
    return (recording.arrived_ns - acknowledged_ns) / 1e6


def writes(results: Results) -> Section:
    """Return what a run found of the time of writes."""
    [scenario] = [each for each in results.scenarios if each.name == "writes"]
    return sessions(results, scenario)

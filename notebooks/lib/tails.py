"""Tails and queues: what one number hides, and what instruments make up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.model.observed import MS_PER_S, select
from benchmarks.report.figure import Figure
from benchmarks.report.figures import count, ms, times
from benchmarks.report.page import Table
from benchmarks.report.plots import percentiles, rates
from notebooks.lib import mixture, omission, queueing, sweeps
from notebooks.lib.costs import Fitted
from notebooks.lib.data import Stored
from notebooks.lib.omission import Stall, as_wrk
from notebooks.lib.queueing import closed_bound_per_s, users_at_knee
from notebooks.lib.sweeps import ClosedSystem

__all__ = [
    "SEED_MODEL",
    "Fitted",
    "Stall",
    "corrected",
    "far_database",
    "inside_the_band",
    "mixture",
    "omission",
    "percentiles",
    "queueing",
    "rates",
    "recorded_ms",
    "sweeps",
    "two_gains",
]

_VARIANTS = ("uncached", "cached")
_FAR_MS, _USERS = 50, 64


def two_gains(off: ClosedSystem, on: ClosedSystem) -> str:
    """Return how many times as fast a lone request is, and how many times as many there can be."""
    return (
        f"A lone request is answered **{times(off.lone_ms / on.lone_ms)}** as fast. At their best "
        f"the two give {count(round(on.most_per_s))} and {count(round(off.most_per_s))} answers "
        f"per second: **{times(on.most_per_s / off.most_per_s)}** as many. Two gains, two numbers."
    )


def far_database(model: CostModel, off: ClosedSystem, on: ClosedSystem) -> str:
    """Return what a database that waits longer, but works as long as before, does to both gains."""
    far = replace(model, database_ms=model.database_ms + _FAR_MS)
    busy_ms = MS_PER_S / off.most_per_s
    knee = users_at_knee(response_ms=far.uncached_ms, bottleneck_ms=busy_ms)
    most = closed_bound_per_s(_USERS, response_ms=far.uncached_ms, bottleneck_ms=busy_ms)
    return (
        f"Computed, not measured: a hit is now **{times(far.limit)}** as fast as a read without a "
        f"cache. But {np.ceil(knee):.0f} connections are enough to keep that database as busy as "
        f"before, and with {_USERS} of them the uncached service may still give "
        f"{count(round(most))} per second. The cache carries **{times(on.most_per_s / most)}** as "
        "much, as before."
    )


def inside_the_band(figure: Figure) -> str:
    """Return how many rounds of ``sweeps.make_open`` lie where a formula foresaw them."""
    judged = [row for row in figure.table.rows if row[3] == "stable"]
    off_by = [float(mean) / float(most) for *_, mean, _, most in judged]
    inside = sum(float(least) <= float(mean) <= float(most) for *_, mean, least, most in judged)
    return (
        f"Of {len(judged)} judged rounds {inside} lie in the band; they took "
        f"{min(off_by):.1f} to {max(off_by):.1f} times its upper edge, {np.median(off_by):.1f} "
        "times in the median."
    )


def recorded_ms(run: Stored) -> dict[str, list[float]]:
    """Return how long each read of a session took, by variant."""
    reads = select(run.samples(), scenario="session", regime="50ms-per-request")
    return {
        name: [read.duration_s * MS_PER_S for read in select(reads, variant=name)]
        for name in _VARIANTS
    }


def corrected(recorded: Mapping[str, Sequence[float]]) -> Table:
    """Return what becomes of the claim when wrk corrects both variants' times."""
    as_printed = {name: as_wrk(values) for name, values in recorded.items()}
    rows = [
        (
            label,
            ms(float(np.median(data["cached"]))),
            ms(fmean(data["cached"])),
            ms(fmean(data["uncached"])),
            times(fmean(data["uncached"]) / fmean(data["cached"])),
        )
        for label, data in (("recorded", recorded), ("as wrk would print it", as_printed))
    ]
    headings = ("cached p50 ms", "cached mean ms", "uncached mean ms", "faster")
    return Table(("of the same requests", *headings), rows)

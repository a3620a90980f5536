"""Tails and capacity: what one number hides."""

from dataclasses import replace

import numpy as np

from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.report.figures import count, times
from benchmarks.report.measured import open_loop
from benchmarks.report.plots import percentiles
from benchmarks.report.plots.rows import first_model
from notebooks.lib import mixture, sweeps
from notebooks.lib.sweeps import ClosedSystem, closed_bound_per_s, users_at_knee

__all__ = [
    "far_database",
    "first_model",
    "mixture",
    "open_loop",
    "percentiles",
    "sweeps",
    "two_gains",
]

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

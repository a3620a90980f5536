"""A file of pytest-benchmark: its benchmarks, their groups, and what each is held against."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmarks.storage.usage import UsageError

Summary = Literal["hit", "miss", "write", "user", "list", "limiter"]
"""The lines at the end of the table, in their order."""
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
REFERENCE = "uncached"


class Stats(BaseModel):
    """The times of one benchmark; ``data`` has one mean per round, in seconds per operation."""

    model_config = ConfigDict(frozen=True)

    data: Annotated[tuple[Seconds, ...] | None, Field(min_length=1)] = None
    iterations: Annotated[int, Field(ge=1)] = 1


class BenchmarkMetadata(BaseModel):
    """The metadata of a benchmark of ours."""

    model_config = ConfigDict(frozen=True)

    variant: str = "-"
    outcome: str = "-"
    summary: Summary | None = None
    mongo: str | None = None
    redis: str | None = None
    caveats: tuple[str, ...] = ()


class SavedBenchmark(BaseModel):
    """One benchmark."""

    model_config = ConfigDict(frozen=True)

    name: str
    group: str | None = None
    stats: Stats
    metadata: Annotated[BenchmarkMetadata, Field(alias="extra_info")] = BenchmarkMetadata()

    @property
    def times_s(self) -> Sequence[float]:
        """Return the seconds per operation of each round, in the order of measuring."""
        return self.stats.data or ()

    @property
    def median_s(self) -> float:
        """Return the median of the rounds."""
        return float(np.median(self.times_s))

    @property
    def operations_per_s(self) -> float | None:
        """Return 1 / mean, None for no time at all."""
        total_s = math.fsum(self.times_s)
        return len(self.times_s) / total_s if total_s else None

    def percentile_s(self, percent: int) -> float | None:
        """Return a percentile of the rounds; None where it would be the maximum."""
        if len(self.times_s) * (100 - percent) < 100:  # noqa: PLR2004 - one value in a hundred
            return None
        return float(np.percentile(self.times_s, percent))


class SavedRun(BaseModel):
    """Everything that one run of pytest-benchmark saved."""

    model_config = ConfigDict(frozen=True)

    datetime: str
    version: str
    machine_info: dict[str, Any] = {}
    benchmarks: tuple[SavedBenchmark, ...]


def load_run(path: Path) -> SavedRun:
    """Return a saved run with raw data; raises ``UsageError``."""
    try:
        run = SavedRun.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        [first, *_] = error.errors(include_input=False, include_url=False)
        place = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise UsageError(
            f"{path} is not a file that pytest-benchmark saved: {place}: {first['msg']}."
        ) from error
    if not run.benchmarks:
        raise UsageError(f"{path} holds no benchmark.")
    if any(measured.stats.data is None for measured in run.benchmarks):
        raise UsageError(
            f"{path} holds no raw data, and percentiles need it: "
            "save with --benchmark-save-data, or use --benchmark-json."
        )
    return run


def grouped(benchmarks: Sequence[SavedBenchmark]) -> dict[str, list[SavedBenchmark]]:
    """Return the groups in the order in which they were measured."""
    groups: dict[str, list[SavedBenchmark]] = {}
    for measured in benchmarks:
        groups.setdefault(measured.group or "without a group", []).append(measured)
    return groups


def reference_of(members: Sequence[SavedBenchmark]) -> SavedBenchmark | None:
    """Return what a group is held against."""
    return next((each for each in members if each.metadata.variant == REFERENCE), None)


def times_faster(reference: SavedBenchmark | None, measured: SavedBenchmark) -> float | None:
    """Return median(reference) / median(measured); None without both."""
    if reference is None or not measured.median_s:
        return None
    return reference.median_s / measured.median_s

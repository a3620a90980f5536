"""A file of pytest-benchmark and its figures: percentiles, and ratios to the reference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmarks.analysis.stats.intervals import Interval

Summary = Literal["hit", "miss", "write", "user", "list", "limiter"]
"""The lines at the end of the table, in their order."""
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class UnreadableRun(Exception):
    """One sentence: what is wrong with the file, and what would be right."""


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
    reference: bool = False
    summary: Summary | None = None
    operations_per_round: Annotated[int, Field(ge=1)] = 1
    payload_bytes: int | None = None
    redis_delay_ms: float | None = None
    redis_round_trip_ms: float | None = None
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
    def operations_per_round(self) -> int:
        """Return of how many operations each time is the mean."""
        return self.stats.iterations * self.metadata.operations_per_round


class SavedRun(BaseModel):
    """Everything that one run of pytest-benchmark saved."""

    model_config = ConfigDict(frozen=True)

    datetime: str
    version: str
    machine_info: dict[str, Any] = {}
    benchmarks: tuple[SavedBenchmark, ...]


def load_run(path: Path) -> SavedRun:
    """Return a saved run with raw data; raises ``UnreadableRun``."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UnreadableRun(f"{path} cannot be read: {error.strerror}.") from error
    if not text.strip():
        raise UnreadableRun(f"{path} is empty; the run that was to write it did not finish.")
    try:
        run = SavedRun.model_validate_json(text)
    except ValidationError as error:
        raise UnreadableRun(_explain(path, error)) from error
    if not run.benchmarks:
        raise UnreadableRun(f"{path} holds no benchmark.")
    if any(measured.stats.data is None for measured in run.benchmarks):
        raise UnreadableRun(
            f"{path} holds no raw data, and percentiles need it: "
            "save with --benchmark-save-data, or use --benchmark-json."
        )
    return run


def _explain(path: Path, error: ValidationError) -> str:
    [first, *_] = error.errors(include_input=False, include_url=False)
    if first["type"] == "json_invalid":
        return f"{path} is not JSON: {first['msg'].removeprefix('Invalid JSON: ')}."
    place = ".".join(str(part) for part in first["loc"]) or "the whole file"
    return f"{path} is not a file that pytest-benchmark saved: {place}: {first['msg']}."


REFERENCE = "uncached"
CONFIDENCE = 0.95
RESAMPLES = 1_000
SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRow:
    """One benchmark of a group; times are seconds per operation.

    A percentile that fewer rounds than it needs cannot show is None. ``ratio`` is how many times
    shorter the median is than the reference's; None for the reference itself, and without one.
    """

    measured: SavedBenchmark
    p50_s: float
    p95_s: float | None
    p99_s: float | None
    operations_per_s: float | None
    is_reference: bool
    ratio: Interval | None


@dataclass(frozen=True, slots=True)
class BenchmarkGroup:
    """Benchmarks of the same operation, fastest last seen as measured."""

    name: str
    rows: tuple[BenchmarkRow, ...]


def grouped(benchmarks: Sequence[SavedBenchmark]) -> list[BenchmarkGroup]:
    """Return the groups in the order in which they were measured, with their figures."""
    groups: dict[str, list[SavedBenchmark]] = {}
    for measured in benchmarks:
        groups.setdefault(measured.group or "without a group", []).append(measured)
    return [BenchmarkGroup(name, _rows(members)) for name, members in groups.items()]


def reference_of(members: Sequence[SavedBenchmark]) -> SavedBenchmark | None:
    """Return what a group is held against: uncached, else what says that it is the reference."""
    uncached = (each for each in members if each.metadata.variant == REFERENCE)
    marked = (each for each in members if each.metadata.reference)
    return next(uncached, None) or next(marked, None)


def _rows(members: Sequence[SavedBenchmark]) -> tuple[BenchmarkRow, ...]:
    reference = reference_of(members)
    return tuple(_row(measured, reference) for measured in members)


def _row(measured: SavedBenchmark, reference: SavedBenchmark | None) -> BenchmarkRow:
    times_s = measured.times_s
    total_s = math.fsum(times_s)
    is_reference = measured is reference
    compared = reference is not None and not is_reference
    return BenchmarkRow(
        measured=measured,
        p50_s=float(np.median(times_s)),
        p95_s=percentile(times_s, 95),
        p99_s=percentile(times_s, 99),
        operations_per_s=len(times_s) / total_s if total_s else None,
        is_reference=is_reference,
        ratio=ratio_of_medians(reference.times_s, times_s) if reference and compared else None,
    )


def percentile(times_s: Sequence[float], percent: int) -> float | None:
    """Return a percentile by linear interpolation; None where it would be the maximum."""
    if len(times_s) * (100 - percent) < 100:  # noqa: PLR2004 - one value in a hundred
        return None
    return float(np.percentile(times_s, percent))


def ratio_of_medians(reference_s: Sequence[float], variant_s: Sequence[float]) -> Interval | None:
    """Return median(reference) / median(variant) with its bootstrap interval.

    Percentile bootstrap over circular blocks of n^(1/3) successive rounds, since what disturbs
    one round disturbs its neighbors: Politis and Romano, "A circular block-resampling procedure
    for stationary data", 1992. It tells how well this run knows the medians. The two were
    measured one after the other, so a machine that changed in between is not in the interval.
    None for a median of zero. The same data give the same interval.
    """
    rng = np.random.default_rng(SEED)
    medians = (float(np.median(reference_s)), float(np.median(variant_s)))
    if min(medians) <= 0:
        return None
    resampled = _medians(reference_s, rng) / _medians(variant_s, rng)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(resampled, [tail, 100 - tail])
    return Interval(medians[0] / medians[1], float(low), float(high))


def _medians(times_s: Sequence[float], rng: np.random.Generator) -> np.ndarray:
    """Return the median of each resample."""
    times = np.asarray(times_s)
    count = len(times)
    block = max(1, round(count ** (1 / 3)))
    starts = rng.integers(count, size=(RESAMPLES, math.ceil(count / block), 1))
    places = (starts + np.arange(block)).reshape(RESAMPLES, -1)[:, :count] % count
    return np.median(times[places], axis=1)  # type: ignore[no-any-return]

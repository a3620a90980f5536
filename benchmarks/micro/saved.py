"""Reading what pytest-benchmark saved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class UnreadableRun(Exception):
    """One sentence: what is wrong with the file, and what would be right."""


class Stats(BaseModel):
    """The times of one benchmark; ``data`` has one mean per round, in seconds per operation."""

    model_config = ConfigDict(frozen=True)

    data: Annotated[tuple[Seconds, ...] | None, Field(min_length=1)] = None
    iterations: Annotated[int, Field(ge=1)] = 1


class BenchmarkMetadata(BaseModel):
    """What a benchmark of ours says of itself."""

    model_config = ConfigDict(frozen=True)

    variant: str = "-"
    outcome: str = "-"
    reference: bool = False
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

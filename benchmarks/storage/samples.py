"""Raw samples on disk: ``samples.csv.gz``, appended after every block."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from benchmarks.storage.records import Outcome, Sample

_MOST = 1e9
"""No time of a run is longer, in seconds or milliseconds."""


class SamplesUnreadable(Exception):
    """The file of raw samples is missing, damaged or of another shape; the message names it."""


def _time(text: str) -> float:
    value = float(text)
    if not 0 <= value <= _MOST:
        raise ValueError(f"{text} is no time")
    return value


def _optional(text: str) -> float | None:
    return _time(text) if text else None


_READERS: Mapping[Any, Callable[[str], Any]] = {
    int: int,
    str: str,
    Outcome: str,
    float: _time,
    float | None: _optional,
}
_COLUMNS = {each.name: _READERS[each.type] for each in fields(Sample)}
"""How each column is read, by the type of the field."""


def append_samples(path: Path, samples: Iterable[Sample]) -> None:
    """Add a block of samples to the file, which is created when missing.

    Each call adds one complete gzip member in one write, so whatever interrupts the run later
    leaves all earlier blocks readable; so does a block for which there is no room, which raises
    ``OSError``. A file appears with its first block in it: whoever reads
    beside the run finds no empty one. The bytes depend on the samples only.
    """
    text, is_new = io.StringIO(), not path.exists()
    writer = csv.writer(text, lineterminator="\n")
    if is_new:
        writer.writerow(_COLUMNS)
    writer.writerows(_row(sample) for sample in samples)
    block = gzip.compress(text.getvalue().encode(), mtime=0)
    if is_new:
        part = path.with_name(f"{path.name}.part")
        part.touch()
        _append(part, block)
        part.replace(path)
    else:
        _append(path, block)


def _append(path: Path, block: bytes) -> None:
    with path.open("ab", buffering=0) as file:
        before, rest = file.tell(), memoryview(block)
        try:
            # On a disk that gets full a part of it is written, and only the next write fails.
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            file.truncate(before)
            raise


def read_samples(path: Path) -> list[Sample]:
    """Return all samples in the order they were measured; raises ``SamplesUnreadable``.

    There is at least one, every time is a finite number, and no request took less than nothing.
    """
    try:
        text = gzip.decompress(path.read_bytes()).decode()
    except FileNotFoundError as error:
        raise SamplesUnreadable(f"{path} does not exist: nothing was measured") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise SamplesUnreadable(f"{path} cannot be read as raw samples: {error}") from error
    if not text:
        raise SamplesUnreadable(f"{path} is empty: nothing was measured")
    samples = list(_parse(text, path))
    if not samples:
        raise SamplesUnreadable(f"{path} holds no samples: nothing was measured")
    return samples


def _row(sample: Sample) -> list[str]:
    return ["" if value is None else _text(value) for value in astuple(sample)]


def _text(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    # Nanoseconds are what the clock gives; more digits would be noise of the float.
    return f"{value:.9f}".rstrip("0").removesuffix(".")


def _parse(text: str, path: Path) -> Iterator[Sample]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        _check_columns(rows.fieldnames or ())
        for row in rows:
            yield _sample(row)
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        where = f"{path} cannot be read as raw samples: line {rows.line_num}"
        raise SamplesUnreadable(f"{where}: {error}") from error


def _check_columns(names: Sequence[str]) -> None:
    if [*names] != [*_COLUMNS]:
        raise ValueError(f"columns are {', '.join(names)}")


def _sample(row: Mapping[str, str]) -> Sample:
    if None in row.values() or None in row:
        raise ValueError("it has another number of fields than there are columns")
    return Sample(**{name: read(row[name]) for name, read in _COLUMNS.items()})

"""``results.json``: everything a report says, computed from the raw samples and the run's header.

The same samples and header give the same bytes: keys are sorted, floats have six digits.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmarks.analysis.header import SCHEMA, Header, RunHeader
from benchmarks.storage.plain import DataUnreadable, from_plain, to_json
from benchmarks.storage.records import Sample
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable, read_samples
from benchmarks.storage.usage import UsageError

if TYPE_CHECKING:
    # What computes them needs numpy, which takes longer to import than all options to be read.
    from benchmarks.report.computed import Results

EARLIER = "fivefold.results/3"
"""Of runs whose results are computed again whenever they are read."""

_LONGEST = 200
_NEVER_FEWER = ("blocks", "summaries", "verdicts")
_RENAMED = {"climbs": "sweeps", "climb_seconds": "sweep_seconds"}
_Part = TypeVar("_Part", bound=RunHeader)

UNCOMPUTABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""The errors that the arithmetic raises for a header or samples that no run has written."""


class ResultsUnreadable(Exception):
    """The text is no results file of this program, or of another version of it."""


def assemble(header: Header, samples: Sequence[Sample]) -> "Results":
    """Compute the results of a run, or of as much of it as was measured."""
    from benchmarks.report.computed import everything  # noqa: PLC0415 - as above

    return everything(header, samples)


def recompute(run: Run) -> "Results":
    """Compute the results of a stored run again, all of them.

    Raises ``ResultsUnreadable``, ``SamplesUnreadable`` and ``OSError``, and does so where less
    would come out than is stored: what cannot be computed again is not to be replaced.
    """
    stored = parsed(_text(run), (SCHEMA, EARLIER))
    header, samples = _header(stored), read_samples(run.samples_file)
    with computing(run):
        results = assemble(header, samples)
        to_json(results)
    for key in _NEVER_FEWER:
        before, now = stored.get(key, ()), len(getattr(results, key))
        if isinstance(before, list) and now < len(before):
            raise ResultsUnreadable(
                f"{run.samples_file} gives {now} of the {len(before)} {key} in "
                f"{run.results_file.name}"
            )
    return results


def read_results(run: Run) -> "Results":
    """Return the results of a stored run; those that it does not hold from its samples.

    Raises ``ResultsUnreadable``, ``SamplesUnreadable`` and ``OSError``.
    """
    from benchmarks.report.computed import Results  # noqa: PLC0415 - as above

    found = parsed(_text(run), (SCHEMA, EARLIER))
    if found["schema"] == SCHEMA and "verdicts" in found:
        _header(found)
        # An earlier version may have computed more.
        return _typed(Results, found, lenient=True)
    with computing(run):
        return assemble(_header(found), run.samples())


@contextmanager
def computing(run: Run) -> Iterator[None]:
    """Have what cannot be computed of a stored run be unreadable: ``ResultsUnreadable``."""
    try:
        yield
    except UNCOMPUTABLE as error:
        said = " ".join(str(error).split()) or "no more is known"
        raise ResultsUnreadable(
            f"{run.results_file} and {run.samples_file.name} do not go together "
            f"({type(error).__name__}: {said[:_LONGEST]})"
        ) from error


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Have what cannot be read of a folder be wrong input: ``UsageError``."""
    try:
        yield
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{folder} is not the folder of a run, such as reports/latest: {error}"
        ) from error


def parsed(text: str, schemas: Iterable[str]) -> dict[str, object]:
    """Return the object in a text of one of some schemas; raises ``ResultsUnreadable``."""
    try:
        found = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise ResultsUnreadable(f"not JSON: {error}") from error
    known = tuple(schemas)
    if not isinstance(found, dict) or found.get("schema") not in known:
        raise ResultsUnreadable(f"its schema is not {' or '.join(known)}")
    if isinstance(load := found.get("load"), dict):
        # Earlier versions timed what Locust's client adds.
        load.pop("floor", None)
    return found


def schema_in(results_file: Path) -> object:
    """Return what the file says that it is, None where it says nothing."""
    try:
        results = json.loads(results_file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        # Who reads it says what is wrong with it.
        return None
    return results.get("schema") if isinstance(results, dict) else None


def header_of(kind: type[_Part], found: Mapping[str, object]) -> _Part:
    """Return what a kind of header holds of a parsed text; raises ``ResultsUnreadable``."""
    names = kind.__dataclass_fields__
    return _typed(kind, {key: value for key, value in found.items() if key in names})


def _typed(kind: type[_Part], found: Mapping[str, object], *, lenient: bool = False) -> _Part:
    try:
        return from_plain(kind, found, lenient=lenient)
    except DataUnreadable as error:
        raise ResultsUnreadable(str(error)) from error


def _header(found: Mapping[str, object]) -> Header:
    options = found.get("options")
    if found["schema"] == EARLIER and isinstance(options, dict):
        renamed = {_RENAMED.get(key, key): value for key, value in options.items()}
        found = {**found, "options": renamed}
    return header_of(Header, found)


def _text(run: Run) -> str:
    try:
        return run.results_file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ResultsUnreadable(f"{run.results_file} is not UTF-8: {error}") from error


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")

"""``results.json``: everything a report says, computed from the raw samples and the run's header.

The same samples and header give the same bytes: keys are sorted, floats have six digits.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.storage.records import Sample
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import read_samples

SCHEMA = "fivefold.results/4"
EARLIER = "fivefold.results/3"
"""Of runs whose results are computed again whenever they are read."""
HEADER = (
    "schema",
    "state",
    "reason",
    "environment",
    "options",
    "variants",
    "scenarios",
    "regimes",
    "coherence",
    "counters",
    "system",
    "rates",
    "steps",
)
"""The part that is not computed: what the run was, and how it ended."""
LOAD_KEY = "load"
"""One more such part, of runs with many users at a time: what drove them."""

DIFFERENCES_KEY = "differences"
"""And one of runs of services that were running already: where their answers differed first."""

Results = dict[str, Any]
_SIGNIFICANT_DIGITS = 6
_LONGEST = 200
_NEVER_FEWER = ("blocks", "summaries", "verdicts")
_RENAMED = {"climbs": "sweeps", "climb_seconds": "sweep_seconds"}


UNCOMPUTABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a header or samples that no run has written make of the arithmetic."""
_SHAPES: Mapping[str, type] = {
    **dict.fromkeys(("state", "reason"), str),
    **dict.fromkeys(("environment", "options"), dict),
    **dict.fromkeys(HEADER[5:], list),
}


class ResultsUnreadable(Exception):
    """The text is no results file of this program, or of another version of it."""


def empty(header: Mapping[str, Any]) -> Results:
    """Return what is known of a run before anything is computed of it."""
    return {key: rounded(header[key]) for key in _header_keys(header)}


def assemble(header: Mapping[str, Any], samples: Sequence[Sample]) -> Results:
    """Compute the results of a run, or of as much of it as was measured."""
    # It needs numpy, which takes longer to import than all options to be read.
    from benchmarks.report.computed import everything  # noqa: PLC0415

    results: Results = {key: header[key] for key in _header_keys(header)}
    results |= everything(header, samples)
    return {key: rounded(value) for key, value in {**results, "schema": SCHEMA}.items()}


def recompute(run: Run) -> Results:
    """Compute the results of a stored run again, all of them.

    Raises ``ResultsUnreadable``, ``SamplesUnreadable`` and ``OSError``, and does so where less
    would come out than is stored: what cannot be computed again is not to be replaced.
    """
    text = _text(run)
    header, samples = from_json(text), read_samples(run.samples_file)
    with computing(run):
        results = assemble(header, samples)
        to_json(results)
    stored = json.loads(text)
    for key in _NEVER_FEWER:
        before, now = stored.get(key, ()), len(results[key])
        if isinstance(before, list) and now < len(before):
            raise ResultsUnreadable(
                f"{run.samples_file} gives {now} of the {len(before)} {key} in "
                f"{run.results_file.name}"
            )
    return results


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


def to_json(results: Results) -> str:
    """Return the text of ``results.json``."""
    return json.dumps(results, indent=2, sort_keys=True, allow_nan=False) + "\n"


def from_json(text: str) -> Results:
    """Return the results in a text, or the header of an earlier version's.

    Raises ``ResultsUnreadable``.
    """
    results = parsed(text, (SCHEMA, EARLIER), HEADER)
    if results["schema"] == SCHEMA:
        return results
    options = {_RENAMED.get(key, key): value for key, value in results["options"].items()}
    return empty(results) | {"options": options}


def read_results(run: Run) -> Results:
    """Return the results of a stored run; those of an earlier version from its samples.

    Raises ``ResultsUnreadable``, ``SamplesUnreadable`` and ``OSError``.
    """
    results = from_json(_text(run))
    if results["schema"] == SCHEMA:
        return results
    with computing(run):
        return assemble(results, run.samples())


def parsed(text: str, schemas: Iterable[str], keys: Sequence[str]) -> Results:
    """Return the results in a text of one of some schemas; raises ``ResultsUnreadable``."""
    try:
        results = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise ResultsUnreadable(f"not JSON: {error}") from error
    known = tuple(schemas)
    if not isinstance(results, dict) or results.get("schema") not in known:
        raise ResultsUnreadable(f"its schema is not {' or '.join(known)}")
    missing = [key for key in keys if key not in results]
    if missing:
        raise ResultsUnreadable(f"it lacks {', '.join(missing)}")
    wrong = [key for key in keys if not isinstance(results[key], _SHAPES.get(key, object))]
    if wrong:
        raise ResultsUnreadable(f"of another kind than they are: {', '.join(wrong)}")
    return results


def rounded(value: object) -> object:
    """Return plain data with every float cut to digits that mean something."""
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT_DIGITS}g}")
    if isinstance(value, Mapping):
        # Sorted, as they will be read back: what is rendered must not depend on that.
        return {key: rounded(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value


def _text(run: Run) -> str:
    try:
        return run.results_file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ResultsUnreadable(f"{run.results_file} is not UTF-8: {error}") from error


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _header_keys(header: Mapping[str, Any]) -> list[str]:
    return [*HEADER, *(key for key in (LOAD_KEY, DIFFERENCES_KEY) if key in header)]

"""In what two runs differ beside their figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.report.results import Results

# Different in any two runs, or said a second time by another field.
_NOT_COMPARED = frozenset(
    {
        "caveat",
        "date_utc",
        "description",
        "label",
        "load_avg_1min",
        "purpose",
        "runnable_threads",
        "uptime_s",
    }
)
_ABSENT = "-"
_THERE = "there"
_NAMES = ("name", "scenario", "regime")
_NAMED = ("variants", "scenarios", "regimes")


@dataclass(frozen=True, slots=True)
class Unlike:
    """One thing that is not the same in both runs."""

    what: str
    in_a: str
    in_b: str


def unlikenesses(a: Results, b: Results) -> list[Unlike]:
    """Return everything that differs of the machine, the versions, the servers and the options."""
    ours, theirs = dict(_described(a)), dict(_described(b))
    # Of what only one run has, that it has it is enough.
    one_sided = tuple(
        f"{what}:"
        for what, text in {**ours, **theirs}.items()
        if text == _THERE and ours.get(what) != theirs.get(what)
    )
    return [
        Unlike(what, ours.get(what, _ABSENT), theirs.get(what, _ABSENT))
        for what in sorted(ours.keys() | theirs.keys())
        if ours.get(what) != theirs.get(what) and not what.startswith(one_sided)
    ]


def uncommitted(results: Results) -> str | None:
    """Return why the commit does not say what was measured, if it does not."""
    git = results["environment"].get("git")
    if not git:
        return "the commit that was measured is not known"
    return "was made with uncommitted changes" if git["dirty"] else None


def _described(results: Results) -> Iterator[tuple[str, str]]:
    yield from _flat("", results["environment"])
    yield from _flat("option ", results["options"])
    for section in _NAMED:
        for entry in results.get(section, ()):
            yield from _entry(f"{section[:-1]} {entry['name']}", entry)


def _entry(label: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield label, _THERE
    rest = {key: value for key, value in entry.items() if key not in _NAMES}
    yield from _flat(f"{label}: ", rest)


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if key in _NOT_COMPARED:
            continue
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(f"{name} ", value)
        elif isinstance(value, Sequence) and any(isinstance(each, Mapping) for each in value):
            for number, entry in enumerate(value, start=1):
                yield from _entry(f"{name} {_label(entry, number)}", entry)
        else:
            yield name, _text(value)


def _label(entry: Mapping[str, Any], number: int) -> str:
    """Return what an entry of a list is about, so that lists of other lengths still match."""
    return ", ".join(str(entry[key]) for key in _NAMES if key in entry) or str(number)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return _ABSENT if value is None else str(value)

"""Typed values as plain data, and plain data as typed values again: what JSON can hold.

There are libraries for it, and pydantic is a good one. This is its own since a number has to stay
as it was spelled (0 does not become 0.0): a stored run that is rendered again has the same bytes.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, field, fields, is_dataclass, replace
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Value = TypeVar("Value")
_Reader = Callable[[object, str], object]
_ADDED = "added"
_SIGNIFICANT_DIGITS = 6
_NAMES: Mapping[type, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "truth value",
}


class DataUnreadable(Exception):
    """Plain data is not what its type says; the message begins with the place."""


def added(default: Value) -> Value:
    """Return a field that is left out of plain data where it holds its default.

    What only some runs have, and what earlier ones lack, is such a field.
    """
    return field(default=default, metadata={_ADDED: True})


def to_plain(value: object) -> object:
    """Return a value as objects, lists, texts and numbers."""
    if is_dataclass(value):
        held = ((each, getattr(value, each.name)) for each in fields(value))
        return {
            each.name: to_plain(part)
            for each, part in held
            if not (_ADDED in each.metadata and part == each.default)
        }
    if isinstance(value, Mapping):
        return {key: to_plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(part) for part in value]
    return value


def to_json(value: object) -> str:
    """Return a value as the text of a file: the same value has the same bytes."""
    return json.dumps(to_plain(value), indent=2, sort_keys=True, allow_nan=False) + "\n"


def rounded(value: Value) -> Value:
    """Return a value with every float in it cut to digits that mean something."""
    return cast("Value", _rounded(value))


def _rounded(value: Any) -> object:
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT_DIGITS}g}")
    if isinstance(value, Mapping):
        # Sorted, as they will be read back: what is rendered must not depend on that.
        return {key: _rounded(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return tuple(_rounded(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{each.name: _rounded(getattr(value, each.name)) for each in fields(value)}
        )
    return value


def from_plain(kind: type[Value], data: object, place: str = "", *, lenient: bool = False) -> Value:
    """Return plain data as a value of a type; raises ``DataUnreadable``.

    A type is a dataclass, a text, a number, one of some texts, or a tuple, a mapping from texts or
    an alternative to None of those. A ``lenient`` reader passes over names that it does not know.
    """
    return cast("Value", _reader(cast("Any", kind), lenient)(data, place))


@cache
def _reader(kind: Any, lenient: bool) -> _Reader:  # noqa: FBT001 - a key of the cache
    origin, parts = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _record_reader(cast("type", kind), lenient=lenient)
    if origin is Literal:
        return partial(_one_of, parts)
    if origin in {Union, UnionType}:
        [other] = [each for each in parts if each is not NoneType]
        return partial(_perhaps, _reader(other, lenient))
    if origin is tuple:
        readers = [_reader(part, lenient) for part in parts if part is not Ellipsis]
        return partial(_each, readers[0]) if Ellipsis in parts else partial(_row, readers)
    if origin is Mapping:
        return partial(_entries, _reader(parts[0], lenient), _reader(parts[1], lenient))
    return partial(_single, kind)


def _record_reader(kind: type, *, lenient: bool) -> _Reader:
    hints, known = get_type_hints(kind), fields(cast("Any", kind))
    readers = {each.name: _reader(hints[each.name], lenient) for each in known}
    needed = [
        each.name for each in known if each.default is MISSING and each.default_factory is MISSING
    ]

    def read(data: object, place: str) -> object:
        if not isinstance(data, dict):
            raise DataUnreadable(f"{place or 'all of it'}: it is no object")
        missing = [name for name in needed if name not in data]
        unknown = [str(name) for name in data if name not in readers]
        if missing or (unknown and not lenient):
            lacks = f"it lacks {', '.join(missing)}"
            said = lacks if missing else f"{', '.join(unknown)} is an unknown name"
            raise DataUnreadable(f"{place}: {said}" if place else said)
        return kind(
            **{
                name: readers[name](part, _at(place, name))
                for name, part in data.items()
                if name in readers
            }
        )

    return read


def _at(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)


def _one_of(choices: tuple[object, ...], data: object, place: str) -> object:
    if isinstance(data, str) and data in choices:
        return data
    raise DataUnreadable(f"{place}: {data!r:.60} is none of {', '.join(map(str, choices))}")


def _perhaps(reader: _Reader, data: object, place: str) -> object:
    return None if data is None else reader(data, place)


def _each(reader: _Reader, data: object, place: str) -> object:
    if not isinstance(data, list):
        raise DataUnreadable(f"{place}: {data!r:.60} is no list")
    return tuple(reader(part, _at(place, number)) for number, part in enumerate(data))


def _row(readers: Sequence[_Reader], data: object, place: str) -> object:
    if not isinstance(data, list) or len(data) != len(readers):
        raise DataUnreadable(f"{place}: {data!r:.60} is no list of {len(readers)}")
    return tuple(
        reader(part, _at(place, number))
        for number, (reader, part) in enumerate(zip(readers, data, strict=True))
    )


def _entries(key_reader: _Reader, reader: _Reader, data: object, place: str) -> object:
    if not isinstance(data, dict):
        raise DataUnreadable(f"{place}: {data!r:.60} is no object")
    return {key_reader(key, place): reader(part, _at(place, key)) for key, part in data.items()}


def _single(kind: type, data: object, place: str) -> object:
    # To Python True is a number, which it is not in JSON.
    fits = type(data) is kind or (kind is float and type(data) is int)
    if not fits or (isinstance(data, float) and not math.isfinite(data)):
        raise DataUnreadable(f"{place}: {data!r:.60} is no {_NAMES[kind]}")
    return data

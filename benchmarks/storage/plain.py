"""Typed values as plain data, and plain data as typed values again: what JSON can hold.

There are libraries for it, and pydantic is a good one. This is its own since a number has to stay
as it was spelled (0 does not become 0.0): a stored run that is rendered again has the same bytes.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, field, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Value = TypeVar("Value")
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
    return cast("Value", _read(kind, data, place, lenient=lenient))


def _read(kind: Any, data: object, place: str, *, lenient: bool) -> object:
    def part(kind: Any, data: object, name: object) -> object:
        return _read(kind, data, f"{place}.{name}" if place else str(name), lenient=lenient)

    origin, parts = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        hints = _checked(kind, data, place, lenient=lenient)
        entries = cast("dict[str, object]", data).items()
        values = {name: part(hints[name], each, name) for name, each in entries if name in hints}
        return cast("Any", kind)(**values)
    if origin in {Union, UnionType}:
        [other] = [each for each in parts if each is not NoneType]
        return None if data is None else _read(other, data, place, lenient=lenient)
    if origin is tuple:
        many = Ellipsis in parts
        if not isinstance(data, list) or (not many and len(data) != len(parts)):
            raise _unfit(data, place, "no list" if many else f"no list of {len(parts)}")
        kinds = parts[:1] * len(data) if many else parts
        pairs = enumerate(zip(kinds, data, strict=True))
        return tuple(part(of, each, number) for number, (of, each) in pairs)
    if origin is Mapping:
        if not isinstance(data, dict):
            raise _unfit(data, place, "no object")
        of_key, of_value = parts
        return {part(of_key, key, key): part(of_value, each, key) for key, each in data.items()}
    return _single(kind, data, place, choices=parts)


def _checked(kind: Any, data: object, place: str, *, lenient: bool) -> Mapping[str, Any]:
    """Return the types of a dataclass' fields; raises ``DataUnreadable`` for other names."""
    hints, needed = _fields_of(kind)
    if not isinstance(data, dict):
        raise DataUnreadable(f"{place or 'all of it'}: it is no object")
    missing = [name for name in needed if name not in data]
    unknown = [str(name) for name in data if name not in hints]
    if missing or (unknown and not lenient):
        lacks = f"it lacks {', '.join(missing)}"
        said = lacks if missing else f"{', '.join(unknown)} is an unknown name"
        raise DataUnreadable(f"{place}: {said}" if place else said)
    return hints


@cache
def _fields_of(kind: Any) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Return the types of a dataclass' fields, and which of them have no default."""
    needed = [
        each.name
        for each in fields(kind)
        if each.default is MISSING and each.default_factory is MISSING
    ]
    return get_type_hints(kind), needed


def _single(kind: Any, data: object, place: str, *, choices: Sequence[object]) -> object:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        choices = tuple(kind)
    if choices:
        if isinstance(data, str) and data in choices:
            # As it is named in the type: a text may be that of an enumeration.
            return choices[choices.index(data)]
        raise _unfit(data, place, f"none of {', '.join(map(str, choices))}")
    # To Python True is a number, which it is not in JSON.
    fits = type(data) is kind or (kind is float and type(data) is int)
    if not fits or (isinstance(data, float) and not math.isfinite(data)):
        raise _unfit(data, place, f"no {_NAMES[kind]}")
    return data


def _unfit(data: object, place: str, what: str) -> DataUnreadable:
    return DataUnreadable(f"{place}: {data!r:.60} is {what}")

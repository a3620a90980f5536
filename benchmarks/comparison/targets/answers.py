"""Are the targets' answers the same: what is compared, where they differ first, what is kept."""

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks.analysis.header import Difference, DifferingAnswer
from benchmarks.comparison.targets.masking import Masking
from benchmarks.measure.client import Response
from benchmarks.storage.records import Sample, plain
from benchmarks.storage.usage import UsageError

NOTHING = "nothing"
_MOST = 20
_LONGEST = 80
_REMEMBERED = 256
_REDIRECT, _ERROR = 300, 400
_DECODED: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": zlib.decompress,
}
_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9.-]+")
Place = tuple[str, str, str]
"""A JSON path, or what else tells a place, with what the one and the other answer has there."""


@dataclass(frozen=True, slots=True)
class JSONPaths:
    """The parts of a JSON body that may differ: paths of RFC 9535 such as ``$..updated_at``."""

    texts: Sequence[str]
    queries: Sequence[Any]

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Read the paths; raises ``UsageError``."""
        given, queries = tuple(texts), []
        if not given:
            return cls((), ())
        # Takes as long to import as all options to be read, and is seldom needed.
        import jsonpath  # noqa: PLC0415

        for text in given:
            try:
                if not text.startswith("$"):
                    raise UsageError(f"--ignore {text!r} is no JSON path: it begins with $")
                queries.append(jsonpath.compile(text))
            except jsonpath.JSONPathError as error:
                said = " ".join(str(error).split())
                raise UsageError(f"--ignore {text!r} is no JSON path: {said}") from error
        return cls(given, tuple(queries))

    def removed(self, value: Any) -> Any:
        """Return the value without what the paths find in it; the value itself is changed.

        An element of a list becomes null, so that the others keep their places.
        """
        for query in self.queries:
            for match in query.finditer(value):
                if match.parent is None:
                    return None
                holder: Any = match.parent.obj
                part = match.parts[-1]
                if isinstance(holder, list):
                    holder[part] = None
                else:
                    holder.pop(part, None)
        return value


@dataclass(frozen=True, slots=True)
class _Seen:
    variant: str
    status: int
    body_hash: str
    response: Response


@dataclass(slots=True, kw_only=True)
class AnswerLog:
    """Compares the answers of targets while they are measured, outside of the times.

    Where nothing is changed, the answers to one action of one user have to be the same, whenever
    it asks. Where something is, the n-th request that a target gets has to be answered as the n-th
    that the others get: all of them get the same ones in the same order. ``ignored`` is what may
    differ; without ``bodies`` only the status has to be the same. The two bodies of a difference
    are written to ``folder``, if there is one, with what is secret masked.
    """

    reference: str
    targets: Mapping[str, str]
    """The origin of each target, scheme and authority."""
    ignored: JSONPaths
    bodies: bool
    changes: bool
    masking: Masking = field(default_factory=Masking)
    folder: Path | None = None
    differences: list[Difference] = field(default_factory=list)
    _first: dict[Hashable, _Seen] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)
    _remembered: dict[tuple[str, str, bytes], bytes] = field(default_factory=dict)

    def comparable(self, response: Response, origin: str) -> bytes:
        """Return what of an answer has to be the same at every target."""
        if not self.bodies:
            return b""
        place = _location(response, origin)
        key = (place, response.headers.get("content-encoding", ""), response.body)
        if key not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = place.encode() + self._canonical(response)
        return self._remembered[key]

    def note(self, sample: Sample, response: Response) -> None:
        """Compare one recorded answer with the first one that has to be the same."""
        name = plain(sample.variant)
        key: Hashable = (sample.user, sample.action)
        if self.changes:
            self._numbers[name] += 1
            key = self._numbers[name]
        now = _Seen(name, sample.status, sample.body_hash, response)
        first = self._first.setdefault(key, now)
        if (first.status, first.body_hash) != (now.status, now.body_hash):
            self._differ(sample, first, now)
        if self.changes and min(self._numbers[each] for each in self.targets) == key:
            # The last of the targets has answered it.
            del self._first[key]

    def _differ(self, sample: Sample, first: _Seen, now: _Seen) -> None:
        one, other = first, now
        if now.variant == self.reference:
            one, other = now, first
        names = [one.variant, other.variant]
        for found in self.differences:
            same = [each.variant for each in found.answers] == names
            if same and found.action == sample.action:
                return
        if len(self.differences) >= _MOST:
            return
        place, *values = self._place(one, other)
        self.differences.append(
            Difference(
                action=sample.action,
                user=sample.user,
                place=self.masking.text(place),
                answers=tuple(
                    DifferingAnswer(
                        variant=each.variant,
                        status=each.status,
                        said=self.masking.text(value)[:_LONGEST] if self.folder else "",
                        file=self._kept(sample.action, each.variant, each.response),
                    )
                    for each, value in zip((one, other), values, strict=True)
                ),
            )
        )

    def _place(self, one: _Seen, other: _Seen) -> Place:
        if one.status != other.status:
            return "status", str(one.status), str(other.status)
        places = [_location(each.response, self.targets[each.variant]) for each in (one, other)]
        if places[0] != places[1]:
            return "Location", places[0], places[1]
        bodies = [self._canonical(each.response) for each in (one, other)]
        parsed = [_parsed(body) for body in bodies]
        if None not in parsed:
            [left], [right] = (each or [None] for each in parsed)
            return first_difference(left, right) or ("$", NOTHING, NOTHING)
        return f"byte {_apart(*bodies)}", "", ""

    def _canonical(self, response: Response) -> bytes:
        """Return a body decoded and, if it is JSON, without what may differ and in one form."""
        body = decoded(response)
        found = _parsed(body) if _may_be_json(response, body) else None
        if found is None:
            return body
        return json.dumps(
            self.ignored.removed(found[0]), sort_keys=True, separators=(",", ":")
        ).encode()

    def _kept(self, action: str, variant: str, response: Response) -> str | None:
        if self.folder is None:
            return None
        self.folder.mkdir(exist_ok=True)
        body = decoded(response)
        ending = "json" if _may_be_json(response, body) and _parsed(body) else "txt"
        number = len(self.differences) + 1
        name = f"{number}-{_NO_FILE_NAME.sub('-', action)[:40].strip('-')}-{variant}.{ending}"
        (self.folder / name).write_bytes(self.masking.body(body))
        return f"{self.folder.name}/{name}"


def decoded(response: Response) -> bytes:
    """Return the body without its content coding; one that cannot be undone stays as it is."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    try:
        return _DECODED[coding](response.body) if coding in _DECODED else response.body
    except (OSError, EOFError, zlib.error):
        return response.body


def first_difference(one: Any, other: Any, path: str = "$") -> Place | None:
    """Return where two values of JSON differ first, None where they are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs: Iterable[tuple[str, Any, Any]] = (
            (_member(path, key), one.get(key, _MISSING), other.get(key, _MISSING))
            for key in [*one, *(key for key in other if key not in one)]
        )
    elif isinstance(one, list) and isinstance(other, list):
        pairs = (
            (
                f"{path}[{place}]",
                one[place] if place < len(one) else _MISSING,
                other[place] if place < len(other) else _MISSING,
            )
            for place in range(max(len(one), len(other)))
        )
    elif type(one) is type(other) and one == other:
        return None
    else:
        return path, _shown(one), _shown(other)
    return next((found for at, a, b in pairs if (found := first_difference(a, b, at))), None)


_MISSING = object()
"""Stands where one of two values has nothing."""


def _member(path: str, key: str) -> str:
    return f"{path}.{key}" if re.fullmatch(r"[A-Za-z_]\w*", key) else f"{path}[{key!r}]"


def _shown(value: Any) -> str:
    return NOTHING if value is _MISSING else json.dumps(value, ensure_ascii=False)


def _apart(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _location(response: Response, origin: str) -> str:
    """Return where a redirect leads, without the target's own address."""
    if not _REDIRECT <= response.status < _ERROR:
        return ""
    return response.headers.get("location", "").removeprefix(origin)


def _may_be_json(response: Response, body: bytes) -> bool:
    kind = response.headers.get("content-type", "")
    return "json" in kind.lower() or (not kind and body[:1] in {b"{", b"["})


def _parsed(body: bytes) -> list[Any] | None:
    """Return what a body holds as the only one of a list, None if it is not JSON."""
    try:
        return [json.loads(body)]
    except (ValueError, RecursionError):
        return None

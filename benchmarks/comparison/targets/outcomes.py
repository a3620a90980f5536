"""The outcome of a target's cache: the header that tells hits, and its values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from benchmarks.measure.client import outcome_of
from benchmarks.storage.records import Outcome
from benchmarks.storage.usage import UsageError


@dataclass(frozen=True, slots=True)
class HitHeader:
    """The header that says whether an answer came from a cache, and the word for a hit."""

    name: str
    word: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``NAME: WORD``; raises ``UsageError``."""
        name, _, word = (part.strip() for part in text.partition(":"))
        if not name or not word:
            raise UsageError(f"--header-hit {text!r} takes NAME: WORD, such as 'X-Cache: HIT'")
        return cls(name.lower(), word.lower())


def outcome_by(headers: Mapping[str, str], hit: HitHeader | None) -> Outcome:
    """Return what the headers say, ``unknown`` where they say nothing.

    Without a header of the user's, ``Cache-Status`` (RFC 9211) tells, else ``Age`` (RFC 9111, 5.1):
    an answer that is a second old or more was stored somewhere. A hit within its first second is
    taken for a miss.
    """
    if hit is not None:
        value = headers.get(hit.name)
        if value is None:
            return "unknown"
        return "hit" if hit.word in value.lower() else "miss"
    if "cache-status" in headers:
        return outcome_of(headers["cache-status"])
    age = headers.get("age", "")
    if not age.isdecimal():
        return "unknown"
    return "hit" if int(age) else "miss"

"""The parts of a JSON body that may differ: paths of RFC 9535."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from benchmarks.storage.usage import UsageError


@dataclass(frozen=True, slots=True)
class JSONPaths:
    """Paths such as ``$.id`` or ``$..updated_at``."""

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

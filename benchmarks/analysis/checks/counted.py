"""What three parties counted of the same reads: the answers' headers, Redis and the database."""

from dataclasses import dataclass

SLOTS = 2
"""What a read of the todo list looks up: the user and the todos, each by a find of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What was counted around some reads; None where the server does not tell.

    ``answered`` counts answers of 200. ``user_hits`` and ``todos_hits`` are what ``Cache-Status``
    said. Finds are those of the variant's own collections. ``keyspace_hits`` and
    ``keyspace_misses`` are of the whole Redis server.
    """

    reads: int
    answered: int
    user_hits: int
    todos_hits: int
    user_finds: int | None
    todos_finds: int | None
    keyspace_hits: int | None
    keyspace_misses: int | None

    @property
    def hits(self) -> int:
        """Return how many lookups the cache answered, by the headers."""
        return self.user_hits + self.todos_hits

    @property
    def finds(self) -> int | None:
        """Return how many lookups reached the database, None where it does not tell."""
        if self.user_finds is None or self.todos_finds is None:
            return None
        return self.user_finds + self.todos_finds


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The lookups of ``sessions`` users of one variant.

    Each reads the list once from an emptied cache (``cold``) and then so many times more
    (``warm``).
    """

    variant: str
    restart: int
    sessions: int
    cold: Lookups
    warm: Lookups

    @property
    def finds_per_session(self) -> float | None:
        """Return the finds of one user's reads, cold and warm, None where nobody counted them."""
        if self.cold.finds is None or self.warm.finds is None:
            return None
        return (self.cold.finds + self.warm.finds) / self.sessions


def queries_ratio(reference: Counted, variant: Counted) -> float | None:
    """Return the reads that reached the database, reference / variant.

    With five reads per session this is the "5 -> 1" of claim C6: each read that reaches the
    database makes ``SLOTS`` finds, in both variants. None where finds were not counted, or where
    the variant made none.
    """
    before, after = reference.finds_per_session, variant.finds_per_session
    return before / after if before is not None and after else None

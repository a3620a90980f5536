"""The cached variant: the plain repository wrapped in fenced reads and writes."""

from service.coherence.writes import FencedWrites
from service.domain import Account, Snapshot, Todo, TodoId, UserId
from service.listed import todo_from_list
from service.ports import Commit, Reads, Repository, Slots, T


class FencedRepository:
    """The ``Repository`` whose cache is never stale.

    A read that starts after a write was acknowledged returns that write or a newer one, whatever
    Redis does. ``docs/coherence.md`` says why, and what is not promised.
    """

    def __init__(self, inner: Repository, reads: Reads, writes: FencedWrites) -> None:
        self._inner = inner
        self._reads = reads
        self._writes = writes

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        """Return these slots from the cache where the lease allows it, else from ``inner``."""
        return await self._reads.read(user_id, slots)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> tuple[Account | None, Todo | None]:
        """Pick the todo from the list slot; one beyond the first page comes from the database."""
        return await todo_from_list(self._reads, self._inner, user_id, todo_id)

    async def write(self, user_id: UserId, slots: Slots, commit: Commit[T]) -> T:
        """Commit so that every read that starts after this returned sees it."""
        return await self._writes.run(
            user_id, slots, lambda: self._inner.write(user_id, slots, commit)
        )

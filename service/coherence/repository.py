"""The cached variant: the plain repository wrapped in fenced reads and writes."""

from service.codec import CorruptValue, decode_todos
from service.coherence.monitor import Reads
from service.coherence.writes import FencedWrites
from service.domain import Account, Slot, Snapshot, Todo, TodoId, UserId
from service.ports import Commit, Repository, Slots, T


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
        snapshot = await self._reads.read(user_id, (Slot.USER, Slot.TODOS))
        if snapshot.account is None or snapshot.todos is None:
            return snapshot.account, None
        try:
            todos = decode_todos(snapshot.todos.body)
        except CorruptValue:
            return await self._inner.todo(user_id, todo_id)
        for todo in todos:
            if todo.id == todo_id:
                return snapshot.account, todo
        if snapshot.todos.rest_after is not None:
            return await self._inner.todo(user_id, todo_id)
        return snapshot.account, None

    async def write(self, user_id: UserId, slots: Slots, commit: Commit[T]) -> T:
        """Commit so that every read that starts after this returned sees it."""
        return await self._writes.run(
            user_id, slots, lambda: self._inner.write(user_id, slots, commit)
        )

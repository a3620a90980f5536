"""An online check of the promise: compare a sample of hits with the database.

The idea of Meta's Polaris (2022). The database is asked *first*, so a cached answer that is older
than what it said is stale, whatever is being written meanwhile. Compared is what carries an order:
the revisions of todos, the token generation, revoked tokens, and whether the account exists. A
todo that is missing, or still shown after its deletion, is not told from a concurrent write.
"""

import random
import time
from collections.abc import Callable

import structlog

from service.codec import decode_todos
from service.domain import Account, Snapshot, TodoList, UserId
from service.errors import DatabaseUnavailable
from service.ports import Reads, Repository, Slots
from service.trace import current, is_hit

CHECKED = "monitor_checked"
SKIPPED = "monitor_skipped"
STALE = "monitor_stale"


class MonitoredReads:
    """The reads of ``reads``, a ``share`` of which (0 to 1) is compared with the database.

    ``on_event`` hears ``monitor_checked`` for every compared hit, ``monitor_stale`` for one that
    was stale and ``monitor_skipped`` where the database did not answer. A stale answer is still
    given: the monitor measures, it does not mend.
    """

    def __init__(
        self,
        reads: Reads,
        database: Repository,
        *,
        share: float,
        on_event: Callable[[str], None],
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._reads = reads
        self._database = database
        self._share = share
        self._on_event = on_event
        self._draw = draw

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        """Return these slots, after asking the database when this read is one of the sample."""
        if self._draw() >= self._share:
            return await self._reads.read(user_id, slots)
        try:
            before = await self._database.read(user_id, slots)
        except DatabaseUnavailable:
            self._on_event(SKIPPED)
            return await self._reads.read(user_id, slots)
        answer = await self._reads.read(user_id, slots)
        outcomes = current().outcomes
        if all(is_hit(outcomes.get(slot)) for slot in slots):
            self._on_event(CHECKED)
            if is_stale(answer, before):
                self._on_event(STALE)
                structlog.get_logger().error("a cached answer was stale", user=user_id)
        return answer


def is_stale(answer: Snapshot, before: Snapshot) -> bool:
    """Tell whether ``answer`` lacks a write that ``before``, which was read earlier, has seen."""
    return _older_account(answer.account, before.account) or _older_todos(
        answer.todos, before.todos
    )


def _older_account(answer: Account | None, before: Account | None) -> bool:
    if answer is None:
        return False
    if before is None:
        return True
    if answer.token_generation != before.token_generation:
        return answer.token_generation < before.token_generation
    # An expired token id may be gone from the newer list: it was pruned.
    now = time.time()
    return any(
        expires_at > now and token_id not in answer.revoked
        for token_id, expires_at in before.revoked.items()
    )


def _older_todos(answer: TodoList | None, before: TodoList | None) -> bool:
    if answer is None or before is None or answer.body == before.body:
        return False
    revisions = {todo.id: todo.rev for todo in decode_todos(answer.body)}
    return any(revisions.get(todo.id, todo.rev) < todo.rev for todo in decode_todos(before.body))

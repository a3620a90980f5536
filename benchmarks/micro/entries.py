"""Cache entries of the dataset's size, without a server."""

from datetime import UTC, datetime

from service.codec import encode_todos
from service.coherence.entries import pack_account, pack_todos
from service.domain import Account, Todo, TodoId, TodoList, UserId

USER = UserId("5f" * 12)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def account(*, revoked: int = 0) -> Account:
    """Return an account with this many tokens on its denylist."""
    expiry = MOMENT.timestamp() + 10**9
    return Account(
        USER,
        "Ada",
        "ada@example.com",
        MOMENT,
        0,
        {f"{number:08x}-0000-4000-8000-000000000000": expiry for number in range(revoked)},
    )


def user_entry() -> bytes:
    """Return the entry of the user slot."""
    return pack_account(account())


def list_entry(todos: int) -> bytes:
    """Return the entry of the todos slot."""
    todo = Todo(
        id=TodoId("70" * 12),
        heading="Write report",
        task="x" * 100,
        completed=False,
        created_at=MOMENT,
        updated_at=MOMENT,
        completion_time=None,
        reminder_sent=False,
        rev=1,
    )
    return pack_todos(USER, TodoList(encode_todos((todo,) * todos), None))

"""Documents as some other program may have stored them."""

from datetime import UTC, datetime

from bson import ObjectId

INSTANT = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)


def stored_todo(user_id: str, heading: str, **fields: object) -> dict[str, object]:
    """Return a todo that an older version of the service could have written."""
    return {
        "_id": ObjectId(),
        "user_id": ObjectId(user_id),
        "heading": heading,
        "task": "",
        "completed": False,
        "created_at": INSTANT,
        "updated_at": INSTANT,
        "completion_time": None,
    } | fields

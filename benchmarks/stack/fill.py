"""Give a database the data that a person, or Locust's users, can start with.

What makes the data is imported when it is needed: a service alone need not wait for it.
"""

from typing import TYPE_CHECKING, Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from benchmarks.stack.errors import StackError

if TYPE_CHECKING:
    from benchmarks.stack.dataset import Dataset

USERS, TODOS, PAYLOAD_BYTES = 50, 20, 100
_TIMEOUT_MS = 30_000


def example_data(seed: int = 1) -> "Dataset":
    """Return the same 50 users with 20 todos each for equal seeds."""
    from benchmarks.stack.dataset import make_dataset  # noqa: PLC0415

    return make_dataset(seed=seed, users=USERS, todos_per_user=TODOS, payload_bytes=PAYLOAD_BYTES)


def fill_if_empty(url: str, database: str, dataset: "Dataset") -> bool:
    """Write the data unless the database has users; returns whether it did.

    Raises ``StackError`` for a server that refuses.
    """
    from benchmarks.stack.dataset import write_dataset  # noqa: PLC0415

    client: MongoClient[dict[str, Any]] = MongoClient(
        url, appname="fivefold-harness", timeoutMS=_TIMEOUT_MS
    )
    try:
        with client:
            mine = client.get_database(database)
            if mine["users"].find_one({}, {"_id": 1}) is not None:
                return False
            write_dataset(dataset, mine)
    except PyMongoError as error:
        # PyMongo appends its settings in brackets.
        reason = str(error).partition(" (")[0]
        raise StackError(
            f"{database} could not be filled with users ({reason}); is it writable?"
        ) from error
    return True

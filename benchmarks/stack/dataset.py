"""The data every variant serves: the same documents, made from a seed, in each one's database."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pwdlib.hashers.argon2 import Argon2Hasher
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError
from redis.exceptions import RedisError

from benchmarks.scenarios.actions import PASSWORD, email_of
from benchmarks.storage.usage import UsageError

Document = dict[str, Any]
EXAMPLE_USERS, EXAMPLE_TODOS, EXAMPLE_PAYLOAD_BYTES = 50, 20, 100
"""The data that a person, or Locust's users, start with."""
_FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_UNAUTHORIZED = 13
_TIMEOUT_MS = 30_000
_WRITTEN_AT_ONCE = 1000
_WORDS = (
    "call", "write", "review", "order", "plan", "fix", "clean", "measure", "invoice", "garden",
    "report", "parcel", "backup", "meeting", "kitchen", "ticket", "budget", "café", "naïve",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Users with one password, and their todos; equal arguments make equal documents."""

    users: Sequence[Document]
    todos: Sequence[Document]

    @property
    def emails(self) -> list[str]:
        """Return the users' addresses, in the order samples count users in."""
        return [user["email"] for user in self.users]


def make_dataset(
    *, seed: int, users: int, todos_per_user: int, payload_bytes: int, empty_share: float = 0.0
) -> Dataset:
    """Make the documents; ``payload_bytes`` is the size of each todo's task text in UTF-8.

    ``empty_share`` of the users, the last ones, have no todos.
    """
    rng = random.Random(f"dataset {seed}")  # noqa: S311 - data, not secrets
    # One real hash for all: logins verify it, and hashing per user would take longer than the run.
    # The service's own parameters, so that a login does not rewrite it.
    hasher = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
    password_hash = hasher.hash(PASSWORD, salt=rng.randbytes(16))
    accounts = [_user(rng, number, password_hash) for number in range(users)]
    busy = accounts[: users - round(users * empty_share)]
    return Dataset(
        users=accounts,
        todos=[
            _todo(rng, account, payload_bytes) for account in busy for _ in range(todos_per_user)
        ],
    )


def example_data(seed: int = 1) -> Dataset:
    """Return the same 50 users with 20 todos each for equal seeds."""
    return make_dataset(
        seed=seed,
        users=EXAMPLE_USERS,
        todos_per_user=EXAMPLE_TODOS,
        payload_bytes=EXAMPLE_PAYLOAD_BYTES,
    )


def write_dataset(dataset: Dataset, database: Database[Document]) -> None:
    """Insert the documents into an empty database."""
    for name, documents in (("users", dataset.users), ("todos", dataset.todos)):
        for start in range(0, len(documents), _WRITTEN_AT_ONCE):
            batch = documents[start : start + _WRITTEN_AT_ONCE]
            # The driver may add to what it is given; every variant gets copies of its own.
            database[name].insert_many([dict(document) for document in batch])


def fill_if_empty(url: str, database: str, dataset: Dataset) -> None:
    """Write the data unless the database has users; raises ``PyMongoError``."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        url, appname="fivefold-harness", timeoutMS=_TIMEOUT_MS
    )
    with client:
        mine = client.get_database(database)
        if mine["users"].find_one({}, {"_id": 1}) is None:
            write_dataset(dataset, mine)


@contextmanager
def fresh_database(mongo: MongoClient[Document], name: str) -> Iterator[Database[Document]]:
    """Yield an empty database that is dropped at the end, however that comes.

    One that holds something is left alone. Raises ``UsageError`` for such a one, and where the
    user may not make and drop databases: what can be written only would stay behind.
    """
    _require_absent(mongo, name)
    try:
        yield mongo.get_database(name)
    finally:
        tidy(lambda: mongo.drop_database(name))


def tidy(remove: Callable[[], object]) -> None:
    """Remove something from a server, unless it broke."""
    # A server that broke cannot be tidied up, and must not hide what broke it.
    with suppress(PyMongoError, RedisError):
        remove()


def _user(rng: random.Random, number: int, password_hash: str) -> Document:
    created_at = _FIRST_MOMENT + timedelta(minutes=number)
    return {
        "_id": _object_id(rng, created_at),
        "name": f"User {number:05d}",
        "email": email_of(number),
        "password_hash": password_hash,
        "created_at": created_at,
        "updated_at": created_at,
        "token_generation": 0,
        "revoked_tokens": [],
    }


def _todo(rng: random.Random, account: Mapping[str, Any], payload_bytes: int) -> Document:
    created_at = account["created_at"] + timedelta(milliseconds=rng.randrange(10**10))
    completed = rng.random() < 0.3  # noqa: PLR2004 - both kinds, open ones more often
    changed_at = created_at + timedelta(milliseconds=rng.randrange(10**9) if completed else 0)
    return {
        "_id": _object_id(rng, created_at),
        "user_id": account["_id"],
        "heading": " ".join(rng.choices(_WORDS, k=3)).capitalize(),
        "task": _text(rng, payload_bytes),
        "completed": completed,
        "created_at": created_at,
        "updated_at": changed_at,
        "completion_time": changed_at if completed else None,
        "reminder_sent": completed and rng.random() < 0.5,  # noqa: PLR2004 - half of them
        "rev": 1,
    }


def _object_id(rng: random.Random, created_at: datetime) -> ObjectId:
    """Return an id as a server would give at that moment, but from the seed."""
    return ObjectId(int(created_at.timestamp()).to_bytes(4, "big") + rng.randbytes(8))


def _text(rng: random.Random, size: int) -> str:
    words = bytearray()
    while len(words) < size:
        words += rng.choice(_WORDS).encode() + b" "
    # A cut may fall into a two-byte letter, or leave a blank at the end.
    text = bytes(words[:size]).decode(errors="ignore").rstrip()
    return text + "." * (size - len(text.encode()))


def _require_absent(mongo: MongoClient[Document], name: str) -> None:
    try:
        held = mongo.get_database(name).list_collection_names()
        if not held:
            mongo.drop_database(name)  # nothing, which takes the right that the end needs
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            raise
        raise UsageError(
            "the user of MONGODB_URL may not make and drop databases of its own "
            f"(the first one would be {name}); name one with the roles readWriteAnyDatabase, "
            "dbAdminAnyDatabase and clusterMonitor, or unset MONGODB_URL"
        ) from error
    if held:
        raise UsageError(
            f"the database {name} is there already and holds {', '.join(sorted(held))}; "
            "it is left as it is: drop it if it is not needed, and run again"
        )

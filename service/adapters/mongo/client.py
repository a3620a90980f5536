"""The MongoDB client, its deadlines, and the boundary where its errors become ours."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bson.errors import BSONError
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener

from service.errors import DatabaseUnavailable, IndexConflict
from service.trace import database_span

Document = dict[str, Any]
Database = AsyncDatabase[Document]

# Failpoints and the server's own views select connections by this name.
APP_NAME = "fivefold-service"
DEADLINE_S = 5.0


def connect(
    url: str, *, deadline_s: float = DEADLINE_S, listeners: Sequence[CommandListener] = ()
) -> AsyncMongoClient[Document]:
    """Return a client whose operations take at most ``deadline_s`` seconds, all waits included.

    To be called inside the running loop.
    """
    return AsyncMongoClient(
        url,
        appname=APP_NAME,
        tz_aware=True,
        timeoutMS=round(deadline_s * 1000),
        # Only closing obeys this one; it would wait 30 s for a database that is gone.
        serverSelectionTimeoutMS=round(deadline_s * 1000),
        w="majority",
        readConcernLevel="majority",
        retryWrites=True,
        event_listeners=listeners,
    )


@contextmanager
def database_call() -> Iterator[None]:
    """Time a database call and translate its failure into ``DatabaseUnavailable``.

    A duplicate key is an answer, not a failure: it passes through. What the driver cannot decode
    is as good as not there.
    """
    try:
        with database_span():
            yield
    except DuplicateKeyError:
        raise
    except (PyMongoError, BSONError, OverflowError) as error:
        # PyMongo 4.20 works out how long to wait before its thousandth attempt, and overflows.
        raise DatabaseUnavailable(str(error)) from error


_OF_ANOTHER_KIND = {85, 86}
_TWICE = (
    "users share an e-mail, so no user can register: give all but one of them another one, and "
    "start the service again; db.users.aggregate([{$group: {_id: '$email', ids: {$push: '$_id'}, "
    "n: {$sum: 1}}}, {$match: {n: {$gt: 1}}}]) finds them"
)
_DIFFERENT = (
    "an index is there that differs from what the service needs, so no user can register: drop "
    "it, for example with db.users.dropIndex('email_1'), and start the service again; "
)


class Indexes:
    """Create the indexes that correctness and speed depend on, once, when the database answers.

    The e-mail index is what makes an e-mail unique, so registration waits for it. The others
    serve ``GET /todo/`` in creation order and make a repeated ``Idempotency-Key`` visible.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self.ready = False

    async def ensure(self) -> None:
        """Return once every index exists; raises ``DatabaseUnavailable`` and ``IndexConflict``."""
        if self.ready:
            return
        async with self._lock:
            # Creating an index that exists does nothing, so late comers need no second check.
            with database_call():
                await self._create()
            self.ready = True

    async def _create(self) -> None:
        todos, users = self._database["todos"], self._database["users"]
        try:
            await todos.create_index([("user_id", 1), ("_id", 1)])
            await todos.create_index(
                [("user_id", 1), ("idempotency_key", 1)],
                unique=True,
                partialFilterExpression={"idempotency_key": {"$exists": True}},
            )
            await users.create_index("email", unique=True)
        except DuplicateKeyError as error:
            raise IndexConflict(_TWICE) from error
        except OperationFailure as error:
            if error.code in _OF_ANOTHER_KIND:
                raise IndexConflict(_DIFFERENT + str(error.details)) from error
            raise

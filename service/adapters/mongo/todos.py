"""Todos in MongoDB, one document each; ``rev`` rises in the same write that changes a todo.

The id of a todo begins with the number of its creation, which the document of its owner counts, so
that the order of ids is that of creation whichever process made them. Ids that earlier versions
made are times, and come before all of these.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from weakref import WeakValueDictionary

import bson
from bson import ObjectId
from bson.errors import BSONError
from pymongo.errors import DuplicateKeyError

from service.adapters.mongo.client import Database, Indexes, database_call
from service.adapters.mongo.documents import (
    TODO_PROJECTION,
    UNDECODED,
    BadDocument,
    Document,
    decoded,
    first_of,
    todo_document,
    todo_from_document,
)
from service.domain import (
    ANY_REVISION,
    PAGE_BYTES,
    PAGE_SIZE,
    TODO_BYTES_QUOTA,
    TODO_QUOTA,
    NewTodo,
    Revisions,
    Todo,
    TodoChange,
    TodoId,
    TodoPage,
    UserId,
    now,
)
from service.errors import (
    DatabaseUnavailable,
    InvalidToken,
    KeyReused,
    NotFound,
    QuotaReached,
    RevisionMismatch,
)

# Greater than the first byte of an id that is a time, until the year 2097.
_NUMBERED = "f0"
_FIRST = TodoId("0" * 24)
# A change that is no larger is not counted: all of a user's todos grow by no more than 10 MB by it.
_SMALL_BYTES = 1024
_ATTEMPTS = 16


class MongoTodos:
    """The ``Todos`` port over the collection ``todos``.

    ``on_bad_document`` is called for every stored todo that could not be read and was left out.
    """

    def __init__(
        self, database: Database, indexes: Indexes, *, on_bad_document: Callable[[str], None]
    ) -> None:
        self._todos = database["todos"]
        self._undecoded = self._todos.with_options(UNDECODED)
        self._users = database["users"]
        self._creating: WeakValueDictionary[UserId, asyncio.Lock] = WeakValueDictionary()
        self._indexes = indexes
        self._on_bad_document = on_bad_document

    async def page(
        self,
        user_id: UserId,
        *,
        after: TodoId | None = None,
        limit: int | None = None,
        completed: bool | None = None,
    ) -> TodoPage:
        """Return the todos in creation order, from behind ``after``, ``limit`` of them at most.

        With ``completed`` only those that are, or are not.
        """
        filter_: Document = {"user_id": ObjectId(user_id)}
        if after is not None:
            filter_["_id"] = {"$gt": ObjectId(after)}
        if completed is not None:
            # One that was stored before there was the field is not.
            filter_["completed"] = True if completed else {"$ne": True}
        size = min(limit or PAGE_SIZE, PAGE_SIZE)
        documents = await self._documents(filter_, size + 1)
        page = first_of(documents[:size], PAGE_BYTES)
        todos = tuple(todo for document in page if (todo := self._readable(document)))
        if len(documents) == len(page):
            return TodoPage(todos, None)
        ids = (document["_id"] for document in reversed(page))
        last = next((each for each in ids if isinstance(each, ObjectId)), _FIRST)
        return TodoPage(todos, TodoId(str(last)))

    async def find(self, user_id: UserId, todo_id: TodoId) -> Todo | None:
        """Return one todo of this user."""
        documents = await self._documents(_key(user_id, todo_id))
        return self._readable(documents[0]) if documents else None

    async def insert(self, user_id: UserId, todo: NewTodo) -> Todo:
        """Store a todo, once per idempotency key; raises ``QuotaReached`` and ``InvalidToken``.

        Of one user this process creates one at a time, so that those of one process are visible
        in the order of their ids. One whose creation by another process began earlier and ends
        later comes before them: taken back and stored behind them, it would vanish from lists
        that had shown it.
        """
        await self._indexes.ensure()
        async with self._creating.setdefault(user_id, asyncio.Lock()):
            created = todo.created(_FIRST)
            size = len(bson.encode(todo_document(user_id, created, todo)))
            for _ in range(_ATTEMPTS):
                created = replace(created, id=await self._next_id(user_id, size))
                try:
                    with database_call():
                        await self._todos.insert_one(todo_document(user_id, created, todo))
                except DuplicateKeyError:
                    earlier = await self._earlier(user_id, todo)
                    if earlier is not None:
                        return earlier
                    continue
                await self._ensure_allowed(user_id, created.id)
                return created
        raise DatabaseUnavailable("every id that was drawn is that of another todo")

    async def _next_id(self, user_id: UserId, size: int) -> TodoId:
        """Return an id behind all that this user's todos ever had, for one of so many bytes.

        Raises ``InvalidToken`` and ``QuotaReached``.
        """
        owner = await self._reserve(user_id, size, todos_made=1)
        return TodoId(f"{_NUMBERED}{owner['todos_made']:010x}{secrets.token_hex(6)}")

    async def _reserve(self, user_id: UserId, size: int, **counts: int) -> Document:
        """Add a number of bytes, and ``counts``, in the owner's document; return that document.

        Where the count leaves no room, it is taken anew first. Raises ``InvalidToken`` and
        ``QuotaReached``.
        """
        most = TODO_BYTES_QUOTA - size
        for counts_anew in (False, True):
            if counts_anew:
                await self._count_bytes(user_id)
            with database_call():
                owner = await self._users.find_one_and_update(
                    {"_id": ObjectId(user_id), "todo_bytes": {"$not": {"$gt": most}}},
                    {"$inc": {"todo_bytes": size, **counts}},
                    projection={"todos_made": 1},
                    return_document=True,
                )
            if owner is not None:
                return owner
        raise QuotaReached

    async def _count_bytes(self, user_id: UserId) -> None:
        """Note how many bytes there are; what was counted as they came was never less.

        Raises ``InvalidToken`` for an account that is gone.
        """
        owner = {"_id": ObjectId(user_id)}
        with database_call():
            sums = await self._todos.aggregate(
                [
                    {"$match": {"user_id": ObjectId(user_id)}},
                    {"$group": {"_id": None, "bytes": {"$sum": {"$bsonSize": "$$ROOT"}}}},
                ]
            )
            found = await sums.to_list()
            counted = {"todo_bytes": found[0]["bytes"] if found else 0}
            result = await self._users.update_one(owner, {"$set": counted})
        if not result.matched_count:
            raise InvalidToken

    async def _ensure_allowed(self, user_id: UserId, todo_id: TodoId) -> None:
        """Take a todo that was just stored back where it may not be.

        Raises ``QuotaReached``, and ``InvalidToken`` where the account went meanwhile: then
        nothing else removes what came after the removal of its todos.
        """
        id_, owner = ObjectId(todo_id), ObjectId(user_id)
        with database_call():
            account, count = await asyncio.gather(
                self._users.find_one({"_id": owner}, {"_id": 1}),
                self._todos.count_documents(
                    {"user_id": owner, "_id": {"$lte": id_}}, limit=TODO_QUOTA + 1
                ),
            )
            gone, full = account is None, count > TODO_QUOTA
            if gone or full:
                await self._todos.delete_one(_key(user_id, todo_id))
        if gone:
            raise InvalidToken
        if full:
            raise QuotaReached

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        """Apply a change; raises ``NotFound``, ``RevisionMismatch`` and ``QuotaReached``."""
        size = len(bson.encode(dict(change.fields)))
        if size > _SMALL_BYTES:
            await self._reserve(user_id, size)
        key = _key(user_id, todo_id, change.revisions)
        with database_call(), _readable_answer():
            document = await self._todos.find_one_and_update(
                key,
                {"$set": dict(change.fields) | {"updated_at": now()}, "$inc": {"rev": 1}},
                projection=TODO_PROJECTION,
                return_document=True,
            )
        if document is None:
            raise await self._why_not(user_id, todo_id, key)
        if (todo := self._readable(document)) is None:
            raise NotFound
        return todo

    async def delete(
        self, user_id: UserId, todo_id: TodoId, revisions: Revisions = ANY_REVISION
    ) -> None:
        """Remove one todo; raises ``NotFound`` and ``RevisionMismatch``."""
        key = _key(user_id, todo_id, revisions)
        with database_call():
            result = await self._todos.delete_one(key)
        if result.deleted_count == 0:
            raise await self._why_not(user_id, todo_id, key)

    async def delete_all(self, user_id: UserId) -> None:
        """Remove what a deleted account leaves behind."""
        with database_call():
            await self._todos.delete_many({"user_id": ObjectId(user_id)})

    async def _earlier(self, user_id: UserId, new: NewTodo) -> Todo | None:
        """Return the todo that an earlier request with this key made.

        Raises ``NotFound`` for one which cannot be read, and ``KeyReused`` where the earlier
        request asked for another one.
        """
        if new.idempotency_key is None:
            return None
        filter_ = {"user_id": ObjectId(user_id), "idempotency_key": new.idempotency_key}
        documents = await self._documents(filter_)
        if not documents:
            return None
        # Older versions stored no digest.
        if documents[0].get("idempotency_digest", new.digest) != new.digest:
            raise KeyReused
        if (todo := self._readable(documents[0])) is None:
            raise NotFound
        return todo

    async def _why_not(self, user_id: UserId, todo_id: TodoId, key: Document) -> Exception:
        if "rev" in key and await self.find(user_id, todo_id) is not None:
            return RevisionMismatch()
        return NotFound()

    async def _documents(self, filter_: Document, most: int = 1) -> list[Document]:
        """Return so many documents at most, in the order of their ids."""
        options: Document = {"batch_size": most, "limit": most, "sort": [("_id", 1)]}
        # No projection: leaving out two small fields costs a server more than sending them.
        with database_call():
            try:
                return await self._todos.find(filter_, **options).to_list()
            except BSONError:
                # One by one, so that a document which cannot be decoded spoils no other.
                undecoded = await self._undecoded.find(filter_, **options).to_list()
                return [decoded(document) for document in undecoded]

    def _readable(self, document: Document) -> Todo | None:
        try:
            return todo_from_document(document)
        except BadDocument as error:
            self._on_bad_document(str(error))
            return None


@contextmanager
def _readable_answer() -> Iterator[None]:
    """Take a todo that cannot be decoded for none."""
    try:
        yield
    except BSONError as error:
        raise NotFound from error


def _key(user_id: UserId, todo_id: TodoId, revisions: Revisions = ANY_REVISION) -> Document:
    key: Document = {"_id": ObjectId(todo_id), "user_id": ObjectId(user_id)}
    if revisions.wanted is not None:
        key["rev"] = {"$in": [*(revisions.wanted - revisions.unwanted)]}
    elif revisions.unwanted:
        key["rev"] = {"$nin": [*revisions.unwanted]}
    return key

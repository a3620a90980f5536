"""Todos in MongoDB, one document each; ``rev`` rises in the same write that changes a todo.

The id of a todo begins with the number of its creation, which the document of its owner counts, so
that the order of ids is that of creation whichever process made them. Ids that earlier versions
made are times, and come before all of these.
"""

import asyncio
import secrets
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from weakref import WeakValueDictionary

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from service.adapters.mongo.client import Database, Indexes, database_call
from service.adapters.mongo.documents import (
    TODO_PROJECTION,
    BadDocument,
    Document,
    todo_document,
    todo_from_document,
)
from service.domain import (
    PAGE_SIZE,
    TODO_QUOTA,
    NewTodo,
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
    NotFound,
    QuotaReached,
    RevisionMismatch,
)

# Greater than the first byte of an id that is a time, until the year 2097.
_NUMBERED = "f0"
_ATTEMPTS = 16


class MongoTodos:
    """The ``Todos`` port over the collection ``todos``.

    ``on_bad_document`` is called for every stored todo that could not be read and was left out.
    """

    def __init__(
        self, database: Database, indexes: Indexes, *, on_bad_document: Callable[[str], None]
    ) -> None:
        self._todos = database["todos"]
        self._users = database["users"]
        self._creating: WeakValueDictionary[UserId, asyncio.Lock] = WeakValueDictionary()
        self._indexes = indexes
        self._on_bad_document = on_bad_document

    async def page(self, user_id: UserId, *, after: TodoId | None = None) -> TodoPage:
        """Return the todos in creation order, from behind ``after``."""
        filter_: Document = {"user_id": ObjectId(user_id)}
        if after is not None:
            filter_["_id"] = {"$gt": ObjectId(after)}
        with database_call():
            # No projection: leaving out two small fields costs a server more than sending them.
            cursor = self._todos.find(filter_, batch_size=PAGE_SIZE + 1)
            documents = await cursor.sort("_id").limit(PAGE_SIZE + 1).to_list()
        todos = [todo for document in documents[:PAGE_SIZE] if (todo := self._readable(document))]
        more = len(documents) > PAGE_SIZE
        return TodoPage(
            tuple(todos), TodoId(str(documents[PAGE_SIZE - 1]["_id"])) if more else None
        )

    async def find(self, user_id: UserId, todo_id: TodoId) -> Todo | None:
        """Return one todo of this user."""
        with database_call():
            document = await self._todos.find_one(_key(user_id, todo_id))
        return self._readable(document) if document else None

    async def insert(self, user_id: UserId, todo: NewTodo) -> Todo:
        """Store a todo, once per idempotency key; raises ``QuotaReached`` and ``InvalidToken``.

        Of one user this process creates one at a time: what is stored at once would have to be
        stored again.
        """
        await self._indexes.ensure()
        async with self._creating.setdefault(user_id, asyncio.Lock()):
            for rest in reversed(range(_ATTEMPTS)):
                created = todo.created(await self._next_id(user_id))
                try:
                    with database_call():
                        await self._todos.insert_one(
                            todo_document(user_id, created, todo.idempotency_key)
                        )
                except DuplicateKeyError:
                    earlier = await self._earlier(user_id, todo.idempotency_key)
                    if earlier is not None:
                        return earlier
                    continue
                keeps_id = not rest or todo.idempotency_key is not None
                if await self._stands(user_id, created.id, keeps_id=keeps_id):
                    return created
        raise DatabaseUnavailable("every id that was drawn is that of another todo")

    async def _next_id(self, user_id: UserId) -> TodoId:
        """Return an id behind all that this user's todos ever had; raises ``InvalidToken``."""
        with database_call():
            owner = await self._users.find_one_and_update(
                {"_id": ObjectId(user_id)},
                {"$inc": {"todos_made": 1}},
                projection={"todos_made": 1},
                return_document=True,
            )
        if owner is None:
            raise InvalidToken
        return TodoId(f"{_NUMBERED}{owner['todos_made']:010x}{secrets.token_hex(6)}")

    async def _stands(self, user_id: UserId, todo_id: TodoId, *, keeps_id: bool) -> bool:
        """Tell whether a todo that was just stored may be acknowledged; else it is taken back.

        Somebody who has seen a later one may never come back to this one, and is to find it behind
        that, unless it ``keeps_id``: one with a key may be known to a request that repeats the key.
        Raises ``QuotaReached``, and ``InvalidToken`` where the account went meanwhile: then nobody
        else removes what came after the removal of its todos.
        """
        id_, owner = ObjectId(todo_id), ObjectId(user_id)
        with database_call():
            account, later, count = await asyncio.gather(
                self._users.find_one({"_id": owner}, {"_id": 1}),
                self._todos.find_one({"user_id": owner, "_id": {"$gt": id_}}, {"_id": 1}),
                self._todos.count_documents(
                    {"user_id": owner, "_id": {"$lte": id_}}, limit=TODO_QUOTA + 1
                ),
            )
            gone, full = account is None, count > TODO_QUOTA
            if not (gone or full or (later is not None and not keeps_id)):
                return True
            await self._todos.delete_one(_key(user_id, todo_id))
        if gone:
            raise InvalidToken
        if full:
            raise QuotaReached
        return False

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        """Apply a change atomically; raises ``NotFound`` and ``RevisionMismatch``."""
        with database_call():
            document = await self._todos.find_one_and_update(
                _key(user_id, todo_id, change.if_revs),
                {"$set": dict(change.fields) | {"updated_at": now()}, "$inc": {"rev": 1}},
                projection=TODO_PROJECTION,
                return_document=True,
            )
        if document is None:
            raise await self._why_not(user_id, todo_id, change.if_revs)
        if (todo := self._readable(document)) is None:
            raise NotFound
        return todo

    async def delete(
        self, user_id: UserId, todo_id: TodoId, *, if_revs: AbstractSet[int] | None = None
    ) -> None:
        """Remove one todo; raises ``NotFound`` and ``RevisionMismatch``."""
        with database_call():
            result = await self._todos.delete_one(_key(user_id, todo_id, if_revs))
        if result.deleted_count == 0:
            raise await self._why_not(user_id, todo_id, if_revs)

    async def delete_all(self, user_id: UserId) -> None:
        """Remove what a deleted account leaves behind."""
        with database_call():
            await self._todos.delete_many({"user_id": ObjectId(user_id)})

    async def _earlier(self, user_id: UserId, idempotency_key: str | None) -> Todo | None:
        """Return the todo that an earlier request with this key made; raises ``NotFound``.

        That is for one which cannot be read.
        """
        if idempotency_key is None:
            return None
        filter_ = {"user_id": ObjectId(user_id), "idempotency_key": idempotency_key}
        with database_call():
            document = await self._todos.find_one(filter_, TODO_PROJECTION)
        if document is None:
            return None
        if (todo := self._readable(document)) is None:
            raise NotFound
        return todo

    async def _why_not(
        self, user_id: UserId, todo_id: TodoId, if_revs: AbstractSet[int] | None
    ) -> Exception:
        if if_revs is not None and await self.find(user_id, todo_id) is not None:
            return RevisionMismatch()
        return NotFound()

    def _readable(self, document: Document) -> Todo | None:
        try:
            return todo_from_document(document)
        except BadDocument as error:
            self._on_bad_document(str(error))
            return None


def _key(user_id: UserId, todo_id: TodoId, if_revs: AbstractSet[int] | None = None) -> Document:
    key: Document = {"_id": ObjectId(todo_id), "user_id": ObjectId(user_id)}
    if if_revs is not None:
        key["rev"] = {"$in": [*if_revs]}
    return key

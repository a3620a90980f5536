"""Todos in MongoDB, one document each; ``rev`` rises in the same write that changes a todo."""

from collections.abc import Callable

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
from service.errors import NotFound, QuotaReached, RevisionMismatch


class MongoTodos:
    """The ``Todos`` port over the collection ``todos``.

    ``on_bad_document`` is called for every stored todo that could not be read and was left out.
    """

    def __init__(
        self, database: Database, indexes: Indexes, *, on_bad_document: Callable[[str], None]
    ) -> None:
        self._todos = database["todos"]
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
        """Store a todo, once per idempotency key; raises ``QuotaReached``."""
        await self._indexes.ensure()
        created = todo.created(TodoId(str(ObjectId())))
        document = todo_document(user_id, created, todo.idempotency_key)
        owner = {"user_id": ObjectId(user_id)}
        try:
            with database_call():
                if await self._todos.count_documents(owner, limit=TODO_QUOTA) < TODO_QUOTA:
                    await self._todos.insert_one(document)
                    return created
        except DuplicateKeyError:
            pass
        earlier = await self._earlier(owner, todo.idempotency_key)
        if earlier is None:
            raise QuotaReached
        return earlier

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        """Apply a change atomically; raises ``NotFound`` and ``RevisionMismatch``."""
        with database_call():
            document = await self._todos.find_one_and_update(
                _key(user_id, todo_id, change.if_rev),
                {"$set": dict(change.fields) | {"updated_at": now()}, "$inc": {"rev": 1}},
                projection=TODO_PROJECTION,
                return_document=True,
            )
        if document is None:
            raise await self._why_not(user_id, todo_id, change.if_rev)
        if (todo := self._readable(document)) is None:
            raise NotFound
        return todo

    async def delete(self, user_id: UserId, todo_id: TodoId, *, if_rev: int | None = None) -> None:
        """Remove one todo; raises ``NotFound`` and ``RevisionMismatch``."""
        with database_call():
            result = await self._todos.delete_one(_key(user_id, todo_id, if_rev))
        if result.deleted_count == 0:
            raise await self._why_not(user_id, todo_id, if_rev)

    async def delete_all(self, user_id: UserId) -> None:
        """Remove what a deleted account leaves behind."""
        with database_call():
            await self._todos.delete_many({"user_id": ObjectId(user_id)})

    async def _earlier(self, owner: Document, idempotency_key: str | None) -> Todo | None:
        """Return the todo that an earlier request with this key made."""
        if idempotency_key is None:
            return None
        filter_ = owner | {"idempotency_key": idempotency_key}
        with database_call():
            document = await self._todos.find_one(filter_, TODO_PROJECTION)
        return self._readable(document) if document else None

    async def _why_not(self, user_id: UserId, todo_id: TodoId, if_rev: int | None) -> Exception:
        if if_rev is not None and await self.find(user_id, todo_id) is not None:
            return RevisionMismatch()
        return NotFound()

    def _readable(self, document: Document) -> Todo | None:
        try:
            return todo_from_document(document)
        except BadDocument as error:
            self._on_bad_document(str(error))
            return None


def _key(user_id: UserId, todo_id: TodoId, if_rev: int | None = None) -> Document:
    key: Document = {"_id": ObjectId(todo_id), "user_id": ObjectId(user_id)}
    if if_rev is not None:
        key["rev"] = if_rev
    return key

"""The todos of the caller."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from service.api.deps import SessionDep, todo_id_of
from service.api.reads import JsonBytes
from service.api.schemas import UNREADABLE, Message, TodoChangeIn, TodoIn, problems, with_headers
from service.codec import encode_todo
from service.domain import PAGE_SIZE, Todo, TodoChange, TodoId, TodoList

router = APIRouter(prefix="/todo", tags=["todo"], responses=problems(401, 503))
_ETAG = re.compile(r'"(\d{1,15})"')

IfMatch = Annotated[str | None, Header(max_length=256)]
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=128)]
After = Annotated[
    str | None,
    Query(pattern=r"^[0-9a-fA-F]{24}$", description="Continue behind this todo id"),
]


Limit = Annotated[int | None, Query(ge=1, le=PAGE_SIZE, description="So many at most")]
Completed = Annotated[bool | None, Query(description="Only those that are, or are not")]


def _list(todos: TodoList, asked: str = "") -> Response:
    if todos.rest_after is None:
        return JsonBytes(todos.body)
    link = f'</todo/?after={todos.rest_after}{asked}>; rel="next"'.encode()
    return JsonBytes(todos.body, headers=((b"link", link),))


def _one(todo: Todo, status: int = 200) -> Response:
    return JsonBytes(encode_todo(todo), status, etag=b'"%d"' % todo.rev)


def _revisions(if_match: str | None) -> frozenset[int] | None:
    """Return the revisions that ``If-Match`` names, ``None`` for any (RFC 9110, section 13.1.1).

    What is no revision matches none; the caller is looked at first.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    named = (_ETAG.fullmatch(each.strip()) for each in if_match.split(","))
    return frozenset(int(each[1]) for each in named if each)


@router.get("/", response_model=list[Todo], responses={200: with_headers("Cache-Status", "Link")})
async def list_todos(
    session: SessionDep, after: After = None, limit: Limit = None, completed: Completed = None
) -> Response:
    """Return the caller's todos in creation order, up to 1000 and 1 MiB of text.

    ``Link`` leads to the rest.
    """
    if after is None and limit is None and completed is None:
        return _list(await session.todo_list())
    asked = {"limit": limit, "completed": None if completed is None else str(completed).lower()}
    given = "".join(f"&{name}={value}" for name, value in asked.items() if value is not None)
    behind = TodoId(after.lower()) if after else None
    return _list(await session.todo_page(after=behind, limit=limit, completed=completed), given)


@router.post(
    "/",
    status_code=201,
    response_model=Todo,
    responses={201: with_headers("ETag"), **problems(*UNREADABLE, 409)},
)
async def create_todo(
    new: TodoIn, session: SessionDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Create a todo; repeating an ``Idempotency-Key`` returns the todo made the first time."""
    return _one(await session.create_todo(new.to_new_todo(idempotency_key)), 201)


@router.get(
    "/{todo_id}",
    response_model=Todo,
    responses={200: with_headers("Cache-Status", "ETag"), **problems(404)},
)
async def read_todo(todo_id: str, session: SessionDep) -> Response:
    """Return one todo; its ``ETag`` is the revision that ``If-Match`` takes."""
    return _one(await session.todo(todo_id_of(todo_id)))


@router.put(
    "/{todo_id}",
    responses={200: with_headers("ETag"), **problems(*UNREADABLE, 404, 412)},
)
async def update_todo(
    change: TodoChangeIn,
    todo_id: str,
    session: SessionDep,
    response: Response,
    if_match: IfMatch = None,
) -> Message:
    """Change the given fields of a todo."""
    fields = change.model_dump(exclude_unset=True)
    todo = await session.update_todo(todo_id_of(todo_id), TodoChange(fields, _revisions(if_match)))
    response.headers["etag"] = f'"{todo.rev}"'
    return Message(msg="Todo updated successfully")


@router.delete("/{todo_id}", responses=problems(404, 412))
async def delete_todo(todo_id: str, session: SessionDep, if_match: IfMatch = None) -> Message:
    """Remove a todo."""
    await session.delete_todo(todo_id_of(todo_id), if_revs=_revisions(if_match))
    return Message(msg="Todo deleted successfully")

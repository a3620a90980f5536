"""The todos of the caller."""

import re
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import WithJsonSchema

from service.api.deps import SessionDep, todo_id_of
from service.api.reads import JsonBytes
from service.api.schemas import UNREADABLE, Message, TodoChangeIn, TodoIn, problems, with_headers
from service.codec import encode_todo
from service.domain import PAGE_SIZE, Revisions, Todo, TodoChange, TodoId, TodoList

router = APIRouter(prefix="/todo", tags=["todo"], responses=problems(401, 503))
_ETAG = re.compile(r'"(0|[1-9][0-9]{0,14})"')

# As many lines as there are: they are one list.
Tags = Annotated[list[str] | None, Header(), WithJsonSchema({"type": "string"})]
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


def _tags(lines: list[str] | None) -> list[str]:
    return [each.strip() for each in ",".join(lines or ()).split(",")]


def _revisions(tags: Iterable[str]) -> frozenset[int]:
    """Return the revisions among these; what is none matches none."""
    return frozenset(int(found[1]) for tag in tags if (found := _ETAG.fullmatch(tag)))


async def _conditions(if_match: Tags = None, if_none_match: Tags = None) -> Revisions:
    """Return which revisions a change is for (RFC 9110, sections 13.1.1 and 13.1.2).

    The caller is looked at first, and a todo that is missing is not found whatever they say.
    """
    wanted, unwanted = _tags(if_match), _tags(if_none_match)
    if unwanted == ["*"]:
        return Revisions(wanted=frozenset())
    return Revisions(
        None if if_match is None or wanted == ["*"] else _revisions(wanted),
        _revisions(tag.removeprefix("W/") for tag in unwanted),
    )


Conditions = Annotated[Revisions, Depends(_conditions)]


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
    """Create a todo; repeating an ``Idempotency-Key`` returns the todo made the first time.

    That holds as long as the todo exists: once it is deleted, the key makes a new one.
    """
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
    conditions: Conditions,
) -> Message:
    """Change the given fields of a todo."""
    fields = change.model_dump(exclude_unset=True)
    todo = await session.update_todo(todo_id_of(todo_id), TodoChange(fields, conditions))
    response.headers["etag"] = f'"{todo.rev}"'
    return Message(msg="Todo updated successfully")


@router.delete("/{todo_id}", responses=problems(404, 412))
async def delete_todo(todo_id: str, session: SessionDep, conditions: Conditions) -> Message:
    """Remove a todo."""
    await session.delete_todo(todo_id_of(todo_id), conditions)
    return Message(msg="Todo deleted successfully")

"""The ceiling: fixed bytes by an ordinary route, without authentication or any lookup.

It is no variant of the service: it knows no users, stores nothing, and answers every
``GET /todo/`` alike. It runs on the service's server settings, but on uvicorn's own protocol: what
the service does to an answer behind its application (``service.protocol``) is a lever of its own.
So this is a mark to measure by and no law.
"""

import sys
from dataclasses import replace
from datetime import timedelta

from fastapi import FastAPI, Response

from benchmarks.stack.dataset import FIRST_MOMENT
from service.codec import encode_todos
from service.domain import NewTodo, Todo, TodoId
from service.server import serve

TODOS = 20
PAYLOAD_BYTES = 100
_JSON = "application/json"
TOKEN = b'{"access_token":"static","token_type":"bearer","expires_in":3600}'
READY = b'{"status":"ready"}'


def todo_list() -> bytes:
    """Return the body of a list like those of the quick profile: 20 todos of 100 bytes."""
    return encode_todos(tuple(_todo(number) for number in range(TODOS)))


def from_environment() -> FastAPI:
    """Return the application; of the environment it needs nothing."""
    body = todo_list()
    app = FastAPI(title="fixed bytes", redoc_url=None)

    @app.get("/todo/")
    async def list_todos() -> Response:
        return Response(body, media_type=_JSON)

    @app.post("/auth/login")
    async def log_in() -> Response:
        return Response(TOKEN, media_type=_JSON)

    @app.get("/readyz")
    async def ready() -> Response:
        return Response(READY, media_type=_JSON)

    return app


def _todo(number: int) -> Todo:
    created_at = FIRST_MOMENT + timedelta(milliseconds=number)
    completed = number % 3 == 0  # about as many as in the data set
    new = NewTodo(
        {
            "heading": "Call review budget",
            "task": "x" * PAYLOAD_BYTES,
            "completion_time": created_at if completed else None,
        }
    )
    return replace(
        new.created(TodoId(f"{number:024x}")),
        completed=completed,
        reminder_sent=completed,
        created_at=created_at,
        updated_at=created_at,
    )


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.static", "from_environment", http="httptools"))

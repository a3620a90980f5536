"""The ceiling: fixed bytes by an ordinary route, without authentication or any lookup.

It is no variant of the service: it knows no users, stores nothing, and answers every
``GET /todo/`` alike. It runs on the service's server settings, but on uvicorn's own protocol: what
the service does to an answer behind its application (``service.protocol``) is a lever of its own.
So this is a mark to measure by and no law.
"""

import sys
from operator import itemgetter

from fastapi import FastAPI, Response

from benchmarks.stack.dataset import EXAMPLE_PAYLOAD_BYTES, EXAMPLE_TODOS, make_dataset
from service.adapters.mongo.documents import todo_from_document
from service.codec import encode_todos
from service.server import serve

_JSON = "application/json"
TOKEN = b'{"access_token":"static","token_type":"bearer","expires_in":3600}'
READY = b'{"status":"ready"}'


def todo_list() -> bytes:
    """Return the body of a list like those of the quick profile: 20 todos of 100 bytes."""
    made = make_dataset(
        seed=1, users=1, todos_per_user=EXAMPLE_TODOS, payload_bytes=EXAMPLE_PAYLOAD_BYTES
    )
    return encode_todos(tuple(map(todo_from_document, sorted(made.todos, key=itemgetter("_id")))))


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


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.static", "from_environment", http="httptools"))

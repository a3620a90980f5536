"""The cost of uvicorn alone: the bytes of ``static`` by an application without a framework."""

import sys

from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.variants.rivals.static import READY, TOKEN, todo_list
from service.server import serve


def from_environment() -> ASGIApp:
    """Return the application; of the environment it needs nothing."""
    bodies = {"/todo/": todo_list(), "/auth/login": TOKEN, "/readyz": READY}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        body = bodies[scope["path"]]
        headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.bare", "from_environment", http="httptools"))

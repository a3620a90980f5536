"""Requests that mean another one: ``HEAD``, and a path with or without its last slash."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Spelling:
    """Serve ``HEAD`` as the ``GET`` of it, and each path in both spellings.

    Without it a router redirects to the other spelling, and the address that it sends a body and
    a token to is made of the ``Host`` header and a scheme that a proxy may have changed.
    ``paths`` are those of the routes.
    """

    def __init__(self, app: ASGIApp, *, paths: Iterable[str]) -> None:
        self._app = app
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        meant = {
            **scope,
            "path": self._routed(scope["path"]),
            "method": "GET" if head else scope["method"],
        }

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["route"] = meant.get("route")
            elif head:
                message = {**message, "body": b""}
            await send(message)

        await self._app(meant, receive, sending)

    def _routed(self, path: str) -> str:
        """Return the spelling that a route has, if one has the other."""
        if path in self._paths:
            return path
        if f"{path}/" in self._paths:
            return f"{path}/"
        return path[:-1] if path.endswith("/") and not path.endswith("//") else path

"""The service in process, on real servers, and the people who call it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx2
from fastapi import FastAPI

from service.app import OpenBackends, create_app
from service.bootstrap import open_backends
from service.config import Settings

SECRET = "q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe"
PASSWORD = "correct horse battery"
ADMIN = "the operator's token of these tests"
# What has not happened by then never will; no measure of anything.
NEVER_S = 60.0


@dataclass(frozen=True)
class UserInProcess:
    """Somebody who is logged in: ``http`` sends the token along."""

    http: httpx2.AsyncClient
    id: str
    email: str
    token: str

    async def headings(self) -> list[str]:
        """Return the headings of the todo list."""
        answer = await self.http.get("/todo/")
        assert answer.status_code == 200, answer.text
        return [todo["heading"] for todo in answer.json()]

    async def read_until_hit(self) -> httpx2.Response:
        """Read the list until the cache answers all of it; a fill may come after the next read."""
        async with asyncio.timeout(NEVER_S):
            while True:
                answer = await self.http.get("/todo/")
                if answer.headers["cache-status"] == "todos; hit, user; hit":
                    return answer

    async def write(self, heading: str, **fields: object) -> str:
        """Create a todo and return its id."""
        answer = await self.http.post("/todo/", json={"heading": heading, "task": ""} | fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@dataclass(frozen=True)
class ServiceInProcess:
    """A running service; ``http`` calls it without a token."""

    app: FastAPI
    http: httpx2.AsyncClient
    settings: Settings
    exits: AsyncExitStack

    async def register(self, name: str) -> str:
        """Create the account ``name@example.org`` and return its id."""
        new = {"name": name.title(), "email": f"{name}@example.org", "password": PASSWORD}
        answer = await self.http.post("/auth/register", json=new)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def log_in(self, name: str, password: str = PASSWORD) -> str:
        """Return a new token."""
        answer = await self.try_log_in(name, password)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def try_log_in(self, name: str, password: str) -> httpx2.Response:
        """Return the answer to a login."""
        attempt = {"email": f"{name}@example.org", "password": password}
        return await self.http.post("/auth/login", json=attempt)

    async def sign_up(self, name: str) -> UserInProcess:
        """Register somebody new and log in."""
        user_id = await self.register(name)
        return await self.signed_in(user_id, name, await self.log_in(name))

    async def signed_in(self, user_id: str, name: str, token: str) -> UserInProcess:
        """Return the user as seen through a token."""
        client = _client(self.app, {"authorization": f"Bearer {token}"})
        http = await self.exits.enter_async_context(client)
        return UserInProcess(http, user_id, f"{name}@example.org", token)

    async def list_with(self, token: str) -> httpx2.Response:
        """Ask for the todo list with this token."""
        return await self.http.get("/todo/", headers={"authorization": f"Bearer {token}"})

    async def admin(self, method: str, **body: object) -> httpx2.Response:
        """Call the switch of the Redis layer as the operator."""
        headers = {"authorization": f"Bearer {ADMIN}"}
        json = body or None
        return await self.http.request(method, "/admin/cache", headers=headers, json=json)


Start = Callable[..., Awaitable[ServiceInProcess]]
"""What the fixture ``start`` does: it takes settings."""


async def start_service(
    exits: AsyncExitStack, settings: Settings, open_backends: OpenBackends = open_backends
) -> ServiceInProcess:
    """Start the service; ``exits`` ends it."""
    app = create_app(settings, open_backends)
    await exits.enter_async_context(app.router.lifespan_context(app))
    http = await exits.enter_async_context(_client(app, {}))
    return ServiceInProcess(app, http, settings, exits)


async def eventually(happened: Callable[[], bool], deadline_s: float = NEVER_S) -> None:
    """Let everything else run until this is true; fails when it never is."""
    async with asyncio.timeout(deadline_s):
        while not happened():  # noqa: ASYNC110 - nothing that is waited for could set an event
            await asyncio.sleep(0)


def _client(app: FastAPI, headers: Mapping[str, str]) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=("203.0.113.7", 1234))
    return httpx2.AsyncClient(
        transport=transport, base_url="http://service.test", headers=dict(headers)
    )

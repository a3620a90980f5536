from typing import Any

import httpx2
import pytest

from tests.fakes_service import ServiceFakes, serve

WHO = {"name": "Ada", "email": "Ada@Example.com", "password": "correct horse"}


async def test_registration_answers_the_profile_and_an_email_is_taken_in_any_case(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.post("/auth/register", json=WHO)
    again = await client.post("/auth/register", json=WHO | {"email": "ADA@example.com"})

    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "name", "email", "created_at"}
    assert answer.json()["email"] == "ada@example.com"
    assert (again.status_code, again.json()) == (409, {"detail": "Email already registered"})


async def test_neither_a_login_nor_a_registration_tells_what_it_waited_for(
    client: httpx2.AsyncClient,
) -> None:
    for path in ("register", "login"):
        fields = WHO if path == "register" else {key: WHO[key] for key in ("email", "password")}
        answer = await client.post(f"/auth/{path}", json=fields)
        assert answer.is_success

        assert answer.headers["server-timing"].startswith("cache;dur=0.000, db;dur=0.000, app;dur=")


NEW_PASSWORD = {"password": "battery staple", "current_password": "correct horse"}


@pytest.mark.parametrize(
    ("method", "path", "body", "detail", "ends_others"),
    [
        ("POST", "/auth/logout", None, "Token revoked", False),
        ("POST", "/auth/logout-all", None, "Token revoked", True),
        ("PATCH", "/auth/me", NEW_PASSWORD, "Token revoked", True),
        ("DELETE", "/auth/me", None, "Invalid token", True),
    ],
)
async def test_what_ends_a_token_ends_it_at_once(
    either: httpx2.AsyncClient, method: str, path: str, body: Any, detail: str, *, ends_others: bool
) -> None:
    who = {"email": "ada@example.com", "password": "correct horse"}
    token = (await either.post("/auth/login", json=who)).json()["access_token"]
    await either.get("/todo/")
    ended = await either.request(method, path, json=body)
    replays = [
        await either.request(method, path)
        for method, path in (
            ("GET", "/todo/"),
            ("GET", "/auth/me"),
            ("POST", "/auth/logout"),
            ("POST", "/auth/logout-all"),
        )
    ]
    other = await either.get("/todo/", headers={"authorization": f"Bearer {token}"})

    assert ended.status_code == 200
    assert [(each.status_code, each.json()) for each in replays] == [(401, {"detail": detail})] * 4
    assert other.status_code == (401 if ends_others else 200)


async def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(
    fakes: ServiceFakes,
) -> None:
    async with serve(fakes, rate_limit_enabled=False) as client:
        await client.post("/auth/register", json=WHO)
        wrong, unknown = [
            await client.post("/auth/login", json={"email": email, "password": "a guess"})
            for email in (WHO["email"], "nobody@example.com")
        ]
    for answer in (wrong, unknown):
        del answer.headers["server-timing"], answer.headers["x-request-id"]

    assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid email or password"})
    assert (wrong.content, wrong.headers) == (unknown.content, unknown.headers)

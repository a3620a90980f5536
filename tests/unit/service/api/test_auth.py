from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.fakes_service import World, serve, sign_in

WHO = {"name": "Ada", "email": "Ada@Example.com", "password": "correct horse"}
REVOKED = {"detail": "Token revoked"}


@pytest.fixture(params=[True, False], ids=["cached", "uncached"])
async def ada(world: World, request: pytest.FixtureRequest) -> AsyncIterator[httpx2.AsyncClient]:
    async with serve(world, cache_enabled=request.param) as client:
        await sign_in(client)
        await client.get("/todo/")
        yield client


async def test_registration_answers_the_profile_without_the_password(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.post("/auth/register", json=WHO)

    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "name", "email", "created_at"}
    assert answer.json()["email"] == "ada@example.com"


async def test_an_email_is_taken_in_any_case(client: httpx2.AsyncClient) -> None:
    await client.post("/auth/register", json=WHO)
    answer = await client.post("/auth/register", json=WHO | {"email": "ADA@example.com"})

    assert (answer.status_code, answer.json()) == (409, {"detail": "Email already registered"})


async def test_login_answers_a_bearer_token_and_its_lifetime(client: httpx2.AsyncClient) -> None:
    await client.post("/auth/register", json=WHO)
    credentials = {"email": WHO["email"], "password": WHO["password"]}
    answer = (await client.post("/auth/login", json=credentials)).json()

    assert answer.keys() == {"access_token", "token_type", "expires_in"}
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)


async def test_unknown_user_and_wrong_password_are_answered_alike(
    client: httpx2.AsyncClient,
) -> None:
    await client.post("/auth/register", json=WHO)
    answers = [
        await client.post("/auth/login", json={"email": email, "password": "wrong"})
        for email in (WHO["email"], "nobody@example.com")
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-all"])
async def test_after_a_logout_the_token_is_revoked(path: str, ada: httpx2.AsyncClient) -> None:
    answer = await ada.post(path)
    refused = [await ada.get("/todo/"), await ada.get("/auth/me"), await ada.post(path)]

    assert answer.json() == {"msg": "Logged out successfully"}
    assert [(each.status_code, each.json()) for each in refused] == [(401, REVOKED)] * 3


async def test_a_new_password_ends_every_token(ada: httpx2.AsyncClient) -> None:
    change = {"password": "battery staple", "current_password": "correct horse"}
    answer = await ada.patch("/auth/me", json=change)
    refused = await ada.get("/todo/")

    assert answer.status_code == 200
    assert (refused.status_code, refused.json()) == (401, REVOKED)


async def test_a_new_password_needs_the_present_one(ada: httpx2.AsyncClient) -> None:
    answer = await ada.patch("/auth/me", json={"password": "battery staple"})

    assert answer.status_code == 403
    assert (await ada.get("/todo/")).status_code == 200


async def test_a_changed_name_is_seen_at_once(ada: httpx2.AsyncClient) -> None:
    changed = await ada.patch("/auth/me", json={"name": "Ada L."})
    read = await ada.get("/auth/me")

    assert changed.json() == read.json()
    assert read.json()["name"] == "Ada L."


async def test_a_deleted_account_is_gone_with_its_tokens_and_todos(
    ada: httpx2.AsyncClient, world: World
) -> None:
    await ada.post("/todo/", json={"heading": "Milk", "task": ""})
    answer = await ada.delete("/auth/me")
    refused = await ada.get("/todo/")

    assert answer.json() == {"msg": "Account deleted successfully"}
    assert (refused.status_code, refused.json()) == (401, {"detail": "Invalid token"})
    assert world.users.accounts == {}
    assert not any(world.todos.todos.values())

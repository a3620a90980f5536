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


async def test_registration_answers_the_profile_and_an_email_is_taken_in_any_case(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.post("/auth/register", json=WHO)
    again = await client.post("/auth/register", json=WHO | {"email": "ADA@example.com"})

    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "name", "email", "created_at"}
    assert answer.json()["email"] == "ada@example.com"
    assert (again.status_code, again.json()) == (409, {"detail": "Email already registered"})


async def test_login_answers_a_bearer_token_and_its_lifetime(client: httpx2.AsyncClient) -> None:
    await client.post("/auth/register", json=WHO)
    credentials = {"email": WHO["email"], "password": WHO["password"]}
    answer = (await client.post("/auth/login", json=credentials)).json()

    assert answer.keys() == {"access_token", "token_type", "expires_in"}
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)


async def test_neither_a_login_nor_a_registration_tells_what_it_waited_for(
    client: httpx2.AsyncClient,
) -> None:
    for path in ("register", "login"):
        fields = WHO if path == "register" else {key: WHO[key] for key in ("email", "password")}
        answer = await client.post(f"/auth/{path}", json=fields)
        assert answer.is_success

        assert answer.headers["server-timing"].startswith("cache;dur=0.000, db;dur=0.000, app;dur=")


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-all"])
async def test_after_a_logout_the_token_is_revoked(path: str, ada: httpx2.AsyncClient) -> None:
    answer = await ada.post(path)
    refused = [await ada.get("/todo/"), await ada.get("/auth/me"), await ada.post(path)]

    assert answer.json() == {"msg": "Logged out successfully"}
    assert [(each.status_code, each.json()) for each in refused] == [(401, REVOKED)] * 3


async def test_a_profile_is_changed_at_once_and_a_new_password_ends_every_token(
    ada: httpx2.AsyncClient,
) -> None:
    changed = await ada.patch("/auth/me", json={"name": "Ada L."})
    read = await ada.get("/auth/me")
    unproved = await ada.patch("/auth/me", json={"password": "battery staple"})
    still_counts = await ada.get("/todo/")
    change = {"password": "battery staple", "current_password": "correct horse"}
    proved = await ada.patch("/auth/me", json=change)
    refused = await ada.get("/todo/")

    assert changed.json() == read.json()
    assert read.json()["name"] == "Ada L."
    assert [unproved.status_code, still_counts.status_code, proved.status_code] == [403, 200, 200]
    assert (refused.status_code, refused.json()) == (401, REVOKED)


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

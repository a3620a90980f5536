"""What clients spell in another way is answered, and nobody is sent to another address."""

import httpx2
import pytest

from tests.fakes_service import ServiceFakes, serve


@pytest.mark.parametrize(
    ("path", "also"),
    [
        ("/todo/", "/todo"),
        ("/auth/me", "/auth/me/"),
        ("/healthz", "/healthz/"),
        ("/docs", "/docs/"),
    ],
)
async def test_a_path_is_answered_with_and_without_its_last_slash(
    path: str, also: str, ada: httpx2.AsyncClient
) -> None:
    one, other = await ada.get(path), await ada.get(also)

    assert (one.status_code, one.content) == (other.status_code, other.content)
    assert one.status_code == 200


async def test_a_body_and_a_token_are_never_sent_on_to_an_address_of_the_clients(
    ada: httpx2.AsyncClient,
) -> None:
    elsewhere = {"host": "elsewhere.example"}
    made = await ada.post("/todo", json={"heading": "a", "task": "b"}, headers=elsewhere)
    todo = f"/todo/{made.json()['id']}/"
    changed = await ada.put(todo, json={"completed": True}, headers=elsewhere)

    assert (made.status_code, changed.status_code) == (201, 200)
    assert (await ada.delete(f"{todo}/")).status_code == 404
    assert (await ada.post("/nowhere/")).status_code == 404


async def test_both_spellings_of_a_limited_path_share_its_limit(fakes: ServiceFakes) -> None:
    async with serve(fakes) as client:
        attempts = [
            await client.post(
                f"/auth/login{slash}", json={"email": f"{n}@example.com", "password": "x"}
            )
            for n, slash in enumerate(["", "/"] * 3)
        ]

    assert [attempt.status_code for attempt in attempts] == [401] * 5 + [429]


@pytest.mark.parametrize("path", ["/todo/", "/todo", "/auth/me", "/healthz", "/metrics", "/docs"])
async def test_head_is_answered_as_get_without_its_body(path: str, ada: httpx2.AsyncClient) -> None:
    got, head = await ada.get(path), await ada.head(path)

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert (await ada.head("/auth/login")).status_code == 405


async def test_a_head_is_counted_under_its_own_method_and_route(ada: httpx2.AsyncClient) -> None:
    await ada.head(f"/todo/{'0' * 24}")

    text = (await ada.get("/metrics")).text
    assert 'method="HEAD",outcome="hit",route="/todo/{todo_id}",status="404"' in text.replace(
        'outcome="miss"', 'outcome="hit"'
    )

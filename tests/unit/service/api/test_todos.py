from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.fakes_service import ServiceFakes, serve, sign_in

MILK = {"heading": "Milk", "task": "Two litres"}


async def create(client: httpx2.AsyncClient, **fields: str) -> str:
    answer = await client.post("/todo/", json=MILK | fields)
    return f"/todo/{answer.raise_for_status().json()['id']}"


@pytest.fixture(params=[True, False], ids=["cached", "uncached"])
async def ada(
    fakes: ServiceFakes, request: pytest.FixtureRequest
) -> AsyncIterator[httpx2.AsyncClient]:
    async with serve(fakes, cache_enabled=request.param) as client:
        await sign_in(client)
        yield client


async def test_the_etag_is_the_revision_that_if_match_takes(ada: httpx2.AsyncClient) -> None:
    path = await create(ada)
    read = await ada.get(path)
    first = await ada.put(path, json={"task": "1"}, headers={"if-match": read.headers["etag"]})
    second = await ada.put(path, json={"task": "2"}, headers={"if-match": read.headers["etag"]})
    deleted = await ada.delete(path, headers={"if-match": first.headers["etag"]})

    assert (read.headers["etag"], first.headers["etag"]) == ('"1"', '"2"')
    assert [first.status_code, second.status_code, deleted.status_code] == [200, 412, 200]
    good, bad = ("*", '"1"', ' "1" ', '"7", "1"'), ("1", 'W/"1"', '"x"', '"7","8"')
    for if_match, status in (*((each, 200) for each in good), *((each, 412) for each in bad)):
        headers = {"if-match": if_match}
        answer = await ada.put(await create(ada), json={"task": ""}, headers=headers)
        assert answer.status_code == status, if_match


async def test_the_same_idempotency_key_creates_once(ada: httpx2.AsyncClient) -> None:
    headers = {"idempotency-key": "key"}
    answers = [await ada.post("/todo/", json=MILK, headers=headers) for _ in range(2)]
    other = await ada.post("/todo/", json=MILK | {"task": "Bread"}, headers=headers)

    assert answers[0].json() == answers[1].json()
    assert other.status_code == 422
    assert [problem["loc"] for problem in other.json()["detail"]] == [["header", "idempotency-key"]]
    assert len((await ada.get("/todo/")).json()) == 1


async def test_a_part_of_a_list_is_followed_by_links_to_the_same_part(
    ada: httpx2.AsyncClient,
) -> None:
    todos = [await create(ada, heading=heading) for heading in "abcde"]
    for todo in todos[1:4]:
        await ada.put(todo, json={"completed": True})
    headings, path = [], "/todo/?limit=2&completed=true"
    while path:
        page = await ada.get(path)
        headings.append("".join(todo["heading"] for todo in page.json()))
        path = page.links["next"]["url"] if "next" in page.links else ""
    wrong = [await ada.get(f"/todo/?{query}") for query in ("limit=0", "limit=1001", "completed=x")]

    assert headings == ["bc", "d"]
    assert [answer.status_code for answer in wrong] == [422] * 3
    assert page.headers["cache-status"].startswith("todos; fwd=bypass; detail=paged")


async def test_a_token_that_was_revoked_is_refused_before_if_match_is_looked_at(
    ada: httpx2.AsyncClient,
) -> None:
    path = await create(ada)
    await ada.post("/auth/logout")
    answer = await ada.put(path, json={"task": ""}, headers={"if-match": "no revision"})

    assert answer.status_code == 401


async def test_a_todo_that_did_not_change_is_a_304_for_whoever_has_its_etag(
    ada: httpx2.AsyncClient,
) -> None:
    made = await ada.post("/todo/", json=MILK)
    path, etag = f"/todo/{made.json()['id']}", made.headers["etag"]
    conditions = [etag, f"W/{etag}", f'"7", {etag}', "*"]
    same = [await ada.get(path, headers={"if-none-match": each}) for each in conditions]
    others = [await ada.get(path, headers={"if-none-match": each}) for each in ('"7"', "x", "")]
    created = await ada.post("/todo/", json=MILK, headers={"if-none-match": "*"})

    assert {(answer.status_code, answer.content) for answer in same} == {(304, b"")}
    assert {answer.headers["etag"] for answer in same} == {etag}
    assert [answer.status_code for answer in (*others, created)] == [200, 200, 200, 201]

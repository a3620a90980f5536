from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.fakes_service import World, serve, sign_in

MILK = {"heading": "Milk", "task": "Two litres"}
ZERO = "\N{ARABIC-INDIC DIGIT ZERO}"
NO_IDS = ["0" * 24, "1", "x" * 24, "0" * 23, "0" * 25, "%00", ZERO * 24, "0" * 24 + "%0A"]


async def create(client: httpx2.AsyncClient, **fields: str) -> str:
    answer = await client.post("/todo/", json=MILK | fields)
    return f"/todo/{answer.raise_for_status().json()['id']}"


@pytest.fixture(params=[True, False], ids=["cached", "uncached"])
async def ada(world: World, request: pytest.FixtureRequest) -> AsyncIterator[httpx2.AsyncClient]:
    async with serve(world, cache_enabled=request.param) as client:
        await sign_in(client)
        yield client


async def test_a_todo_goes_through_its_life(ada: httpx2.AsyncClient) -> None:
    created = await ada.post("/todo/", json=MILK)
    path = f"/todo/{created.json()['id']}"
    read = await ada.get("/todo/" + path.removeprefix("/todo/").upper())
    changed = await ada.put(path, json={"completed": True})
    listed = (await ada.get("/todo/")).json()
    deleted = await ada.delete(path)
    gone = await ada.get(path)

    assert created.status_code == 201
    assert read.json() == created.json()
    assert changed.json() == {"msg": "Todo updated successfully"}
    assert [(todo["heading"], todo["completed"]) for todo in listed] == [("Milk", True)]
    assert deleted.json() == {"msg": "Todo deleted successfully"}
    assert (gone.status_code, gone.json()) == (404, {"detail": "Todo not found"})


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


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_id_that_cannot_be_is_answered_like_one_that_is_not(
    method: str, ada: httpx2.AsyncClient
) -> None:
    body = {"completed": True} if method == "PUT" else None
    answers = [await ada.request(method, f"/todo/{todo_id}", json=body) for todo_id in NO_IDS]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.text for answer in answers} == {'{"detail":"Todo not found"}'}


async def test_somebody_elses_todo_is_not_found(ada: httpx2.AsyncClient) -> None:
    path = await create(ada)
    await sign_in(ada, "eve@example.com")
    answers = [
        await ada.get(path),
        await ada.put(path, json={"task": "stolen"}),
        await ada.delete(path),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert (await ada.get("/todo/")).json() == []


async def test_the_same_idempotency_key_creates_once(ada: httpx2.AsyncClient) -> None:
    headers = {"idempotency-key": "key"}
    answers = [await ada.post("/todo/", json=MILK, headers=headers) for _ in range(2)]
    other = await ada.post("/todo/", json=MILK | {"task": "Bread"}, headers=headers)

    assert answers[0].json() == answers[1].json()
    assert other.status_code == 422
    assert [problem["loc"] for problem in other.json()["detail"]] == [["header", "idempotency-key"]]
    assert len((await ada.get("/todo/")).json()) == 1


async def test_a_long_list_is_followed_by_its_links(
    ada: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.PAGE_SIZE", 2)
    for heading in "abcde":
        await create(ada, heading=heading)
    headings, path = [], "/todo/"
    while path:
        page = await ada.get(path)
        headings.append("".join(todo["heading"] for todo in page.json()))
        path = page.links["next"]["url"] if "next" in page.links else ""

    assert headings == ["ab", "cd", "e"]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic eA==", "Bearer x.y.z", "Bearer é"]
)
async def test_without_a_good_token_nothing_is_told(
    authorization: str, client: httpx2.AsyncClient
) -> None:
    answer = await client.get("/todo/", headers=[(b"authorization", authorization.encode())])

    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token"})


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

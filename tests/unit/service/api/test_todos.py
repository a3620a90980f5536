from functools import partial

import httpx2
import pytest

from tests.fakes_service import sign_in

MILK = {"heading": "Milk", "task": "Two litres"}


async def create(client: httpx2.AsyncClient, **fields: str) -> str:
    answer = await client.post("/todo/", json=MILK | fields)
    return f"/todo/{answer.raise_for_status().json()['id']}"


async def test_the_etag_is_the_revision_that_if_match_takes(either: httpx2.AsyncClient) -> None:
    path = await create(either)
    read = await either.get(path)
    first = await either.put(path, json={"task": "1"}, headers={"if-match": read.headers["etag"]})
    second = await either.put(path, json={"task": "2"}, headers={"if-match": read.headers["etag"]})
    deleted = await either.delete(path, headers={"if-match": first.headers["etag"]})

    assert (read.headers["etag"], first.headers["etag"]) == ('"1"', '"2"')
    assert [first.status_code, second.status_code, deleted.status_code] == [200, 412, 200]
    # A bar stands between two lines of it, which are one list.
    good, bad = (
        ("*", '"1"', ' "1" ', '"7", "1"', '"7"|"1"'),
        ("1", 'W/"1"', '"x"', '"7","8"', '"01"'),
    )
    for if_match, status in (*((each, 200) for each in good), *((each, 412) for each in bad)):
        headers = [("if-match", line) for line in if_match.split("|")]
        answer = await either.put(await create(either), json={"task": ""}, headers=headers)
        assert answer.status_code == status, if_match


@pytest.mark.parametrize(
    ("named", "status"),
    [("*", 412), ('"1"', 412), ('W/"1"', 412), ('"7", "1"', 412), ('"7"', 200), ("x", 200)],
)
async def test_a_change_of_a_todo_that_if_none_match_names_is_refused(
    named: str, status: int, either: httpx2.AsyncClient
) -> None:
    headers, path = {"if-none-match": named}, await create(either)
    alone = await either.put(path, json={"task": "1"}, headers=headers)
    both = await either.put(
        await create(either), json={"task": "1"}, headers=headers | {"if-match": '"1"'}
    )
    deleted = await either.delete(await create(either), headers=headers)
    missing = await either.delete(f"/todo/{'0' * 24}", headers=headers)

    assert [answer.status_code for answer in (alone, both, deleted)] == [status] * 3
    assert missing.status_code == 404
    assert (await either.get(path)).json()["task"] == ("1" if status == 200 else MILK["task"])


async def test_the_same_idempotency_key_creates_once(either: httpx2.AsyncClient) -> None:
    headers = {"idempotency-key": "key"}
    answers = [await either.post("/todo/", json=MILK, headers=headers) for _ in range(2)]
    other = await either.post("/todo/", json=MILK | {"task": "Bread"}, headers=headers)

    assert answers[0].json() == answers[1].json()
    assert other.status_code == 422
    assert [problem["loc"] for problem in other.json()["detail"]] == [["header", "idempotency-key"]]
    assert len((await either.get("/todo/")).json()) == 1


@pytest.mark.parametrize(
    ("path", "pages"), [("/todo/?limit=2&completed=true", ["bc", "d"]), ("/todo/", ["abc", "de"])]
)
async def test_a_list_or_a_part_of_it_is_followed_by_links_to_the_rest(
    either: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str, pages: list[str]
) -> None:
    monkeypatch.setattr("tests.fakes.PAGE_SIZE", 3)
    todos = [await create(either, heading=heading) for heading in "abcde"]
    for todo in todos[1:4]:
        await either.put(todo, json={"completed": True})
    headings = []
    while path:
        page = await either.get(path)
        headings.append("".join(todo["heading"] for todo in page.json()))
        path = page.links["next"]["url"] if "next" in page.links else ""
    wrong = [
        await either.get(f"/todo/?{query}") for query in ("limit=0", "limit=1001", "completed=x")
    ]

    assert headings == pages
    assert [answer.status_code for answer in wrong] == [422] * 3
    assert page.headers["cache-status"].startswith("todos; fwd=bypass; detail=paged")


async def test_a_token_that_was_revoked_is_refused_before_if_match_is_looked_at(
    either: httpx2.AsyncClient,
) -> None:
    path = await create(either)
    await either.post("/auth/logout")
    answer = await either.put(path, json={"task": ""}, headers={"if-match": "no revision"})

    assert answer.status_code == 401


async def test_a_todo_that_did_not_change_is_a_304_for_whoever_has_its_etag(
    either: httpx2.AsyncClient,
) -> None:
    made = await either.post("/todo/", json=MILK)
    path, etag = f"/todo/{made.json()['id']}", made.headers["etag"]
    conditions = [etag, f"W/{etag}", f'"7", {etag}', "*"]
    same = [await either.get(path, headers={"if-none-match": each}) for each in conditions]
    others = [await either.get(path, headers={"if-none-match": each}) for each in ('"7"', "x", "")]
    created = await either.post("/todo/", json=MILK, headers={"if-none-match": "*"})

    assert {(answer.status_code, answer.content) for answer in same} == {(304, b"")}
    assert {answer.headers["etag"] for answer in same} == {etag}
    assert [answer.status_code for answer in (*others, created)] == [200, 200, 200, 201]


ZERO = "\N{ARABIC-INDIC DIGIT ZERO}"
NO_IDS = ["zzz", "1", "None", "x" * 24, "0" * 25, "0" * 23, "%00", ZERO * 24, "0" * 24 + "%0A"]


async def test_a_todo_that_is_missing_foreign_or_has_no_proper_id_is_not_found(
    either: httpx2.AsyncClient,
) -> None:
    foreign = await create(either)
    await sign_in(either, "eve@example.com")
    answers = [
        await ask(path)
        for path in (foreign, *(f"/todo/{todo_id}" for todo_id in ("0" * 24, *NO_IDS)))
        for ask in (either.get, partial(either.put, json={"completed": True}), either.delete)
    ]

    assert {(answer.status_code, answer.text) for answer in answers} == {
        (404, '{"detail":"Todo not found"}')
    }
    assert (await either.get("/todo/")).json() == []

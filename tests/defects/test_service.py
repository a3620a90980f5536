"""Section D: what the routes of the starting document get wrong."""

import asyncio
from collections.abc import AsyncIterator

from tests.defects.in_process import ServiceInProcess

UNKNOWN = "0123456789abcdef01234567"


async def test_D1_an_update_changes_only_the_fields_of_a_todo(service: ServiceInProcess) -> None:
    ann = await service.sign_up("ann")
    url = f"/todo/{await ann.write('mine')}"
    before = (await ann.http.get(url)).json()
    changes: list[object] = [
        {"user_id": UNKNOWN},
        {"heading": "x", "task": "", "user_id": UNKNOWN},
        {"_id": UNKNOWN},
        {"id": UNKNOWN},
        {"rev": 7},
        {"$set": {"user_id": UNKNOWN}},
        {"heading.x": "y"},
        {"heading": {"$ne": None}},
        {"completed": "yes"},
        {},
        [],
        None,
    ]

    updates = [(await ann.http.put(url, json=change)).status_code for change in changes]
    creates = [(await ann.http.post("/todo/", json=change)).status_code for change in changes]

    assert updates == creates == [422] * len(changes)
    assert (await ann.http.get("/todo/")).json() == [before]


async def test_D2_D3_a_todo_that_is_missing_foreign_or_has_no_proper_id_cannot_be_changed(
    service: ServiceInProcess,
) -> None:
    ann, bob = await service.sign_up("ann"), await service.sign_up("bob")
    foreign = await bob.write("bob's")
    zero = "\N{ARABIC-INDIC DIGIT ZERO}"
    ids: tuple[str, ...] = (
        UNKNOWN,
        foreign,
        "zzz",
        "1",
        "None",
        "x" * 24,
        "0" * 25,
        "%00",
        "a" * 200,
    )
    ids += ("0" * 23, zero * 24, "0" * 24 + "%0A")

    answers = [
        await ann.http.request(method, f"/todo/{todo_id}", json=body)
        for todo_id in ids
        for method, body in (("GET", None), ("PUT", {"completed": True}), ("DELETE", None))
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.text for answer in answers} == {'{"detail":"Todo not found"}'}
    assert await bob.headings() == ["bob's"]


async def test_D4_a_body_that_is_too_large_is_refused_before_it_is_all_there(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    chunks_read = 0

    async def megabytes() -> AsyncIterator[bytes]:
        nonlocal chunks_read
        for _ in range(2_000):
            chunks_read += 1
            yield b" " * 30_000

    json_type = {"content-type": "application/json"}
    announced = await ann.http.post("/todo/", content=b" " * 140_000, headers=json_type)
    streamed = await ann.http.post("/todo/", content=megabytes(), headers=json_type)

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert chunks_read < 10


async def test_D4_a_field_that_is_too_long_or_of_a_wrong_type_is_refused(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    todos = [
        {"heading": "x" * 201, "task": ""},
        {"heading": "", "task": ""},
        {"heading": "x", "task": "x" * 10_001},
        {"heading": 1, "task": ""},
        {"heading": "x", "task": "", "completion_time": 5},
    ]

    statuses = [(await ann.http.post("/todo/", json=todo)).status_code for todo in todos]

    assert statuses == [422] * len(todos)
    assert await ann.headings() == []


async def test_D5_a_create_that_is_repeated_creates_once(service: ServiceInProcess) -> None:
    ann, bob = await service.sign_up("ann"), await service.sign_up("bob")
    new, once = {"heading": "one", "task": ""}, {"idempotency-key": "k-1"}

    answers = await asyncio.gather(
        *(ann.http.post("/todo/", json=new, headers=once) for _ in range(5))
    )
    others = await bob.http.post("/todo/", json=new, headers=once)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert others.json()["id"] != answers[0].json()["id"]
    assert await ann.headings() == ["one"]


async def test_D8_what_the_cache_did_is_answered_and_counted(service: ServiceInProcess) -> None:
    ann = await service.sign_up("ann")

    first = (await ann.http.get("/todo/")).headers["cache-status"]
    if service.settings.cache_enabled:
        await ann.read_until_hit()
    counted = (await service.admin("GET")).json()["counters"]

    if service.settings.cache_enabled:
        assert first.startswith("todos; fwd=")
        assert counted["todos; hit"] == 1
    else:
        assert first == "todos; fwd=bypass; detail=off, user; fwd=bypass; detail=off"
    assert counted[first.partition(", ")[0]] >= 1


async def test_D9_a_change_of_something_that_was_changed_meanwhile_is_refused(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    url = f"/todo/{await ann.write('one')}"
    seen = {"if-match": (await ann.http.get(url)).headers["etag"]}

    first = await ann.http.put(url, json={"heading": "two"}, headers=seen)
    lost = await ann.http.put(url, json={"heading": "three"}, headers=seen)
    deleted = await ann.http.delete(url, headers=seen)

    assert [answer.status_code for answer in (first, lost, deleted)] == [200, 412, 412]
    assert await ann.headings() == ["two"]
    assert first.headers["etag"] == (await ann.http.get(url)).headers["etag"]

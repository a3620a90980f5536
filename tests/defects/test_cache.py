"""Section A: what the cache of the starting document gets wrong, row by row."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from pymongo.database import Database
from redis import Redis

from tests.defects.conftest import StartRedis, cached_only
from tests.defects.documents import stored_todo
from tests.defects.in_process import PASSWORD, ServiceInProcess, Start


async def test_A1_an_empty_list_is_served_from_the_cache(
    finds: Callable[[], Counter[str]], service: ServiceInProcess, variant: str
) -> None:
    ann = await service.sign_up("ann")
    assert await ann.headings() == []
    if variant == "cached":
        await ann.read_until_hit()

    before = finds()["todos"]
    again = await ann.headings()

    assert again == []
    assert finds()["todos"] - before == (0 if variant == "cached" else 1)


async def test_A6_A7_a_profile_is_the_same_twice_and_changed_and_deleted_at_once(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    first, second = [(await ann.http.get("/auth/me")).json() for _ in range(2)]
    await ann.headings()

    change = {"name": "Anna", "email": "anna@example.org", "current_password": PASSWORD}
    await ann.http.patch("/auth/me", json=change)
    changed = (await ann.http.get("/auth/me")).json()
    await ann.http.delete("/auth/me")
    after = [await ann.http.get("/todo/"), await ann.http.get("/auth/me")]

    assert first == second
    assert first.keys() == {"id", "name", "email", "created_at"}
    assert changed == first | {"name": "Anna", "email": "anna@example.org"}
    assert [answer.status_code for answer in after] == [401, 401]


async def test_A8_an_old_user_document_without_a_name_is_served(
    service: ServiceInProcess, database: Database[dict[str, Any]]
) -> None:
    ann = await service.sign_up("ann")
    database["users"].update_one({}, {"$unset": {"name": 1, "created_at": 1, "revoked_tokens": 1}})

    profiles = [await ann.http.get("/auth/me") for _ in range(2)]
    headings = await ann.headings()

    assert [profile.status_code for profile in profiles] == [200, 200]
    assert profiles[0].json() == profiles[1].json()
    assert headings == []


# A lifetime beside which what a machine takes is nothing.
DAY_S = 86_400
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "not ours": lambda _: b"\x80\x04garbage",
    "of an older schema": lambda _: b'{"_id": "1", "name": "Ann"}',
    "cut off early": lambda entry: entry[:10],
    "cut off late": lambda entry: entry[:-1],
    "of somebody else": lambda entry: re.sub(rb"[0-9a-f]{24}", b"0123456789abcdef01234567", entry),
    "with a page mark that is no id": lambda entry: entry.replace(b"-" * 24, b"\xff" * 24),
    "with fields of wrong types": lambda entry: entry.replace(b'":', b'":{"x":'),
}


@cached_only
async def test_A9_a_corrupt_entry_is_a_miss(service: ServiceInProcess, shared_redis: Redis) -> None:
    ann = await service.sign_up("ann")
    before = await ann.http.get("/auth/me")
    todos: list[str] = []
    for name, spoil in {**SPOILT, "of a wrong type": None}.items():
        if spoil is None:
            await ann.write("one")
            todos.append("one")
        await ann.read_until_hit()
        spoilt_keys = 0
        for key in list(shared_redis.scan_iter(f"*{ann.id}*")):
            if shared_redis.type(key) == b"string":
                entry = shared_redis.getdel(key)
                assert isinstance(entry, bytes)
                if spoil is None:
                    shared_redis.lpush(key, "not a string")
                else:
                    shared_redis.set(key, spoil(entry))
                spoilt_keys += 1

        profile = await ann.http.get("/auth/me")
        headings = await ann.headings()

        assert spoilt_keys == 2, name
        assert profile.json() == before.json(), name
        assert headings == todos, name
    assert [todo["heading"] for todo in (await ann.read_until_hit()).json()] == ["one"]


async def test_A10_a_redis_that_refuses_every_write_fails_no_request(
    start: Start, redis_server: StartRedis
) -> None:
    full = redis_server("--maxmemory", "1", "--maxmemory-policy", "noeviction")
    service = await start(redis_url=full.url, rate_limit_enabled=True, cache_lease_seconds=1.0)
    ann = await service.sign_up("ann")

    before = await ann.headings()
    await ann.write("one")
    after = await ann.headings()

    assert (before, after) == ([], ["one"])


async def test_A11_a_created_todo_is_answered_as_it_is_read_later(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    due = "2030-05-06T07:08:09.123456+05:00"

    created = await ann.http.post(
        "/todo/", json={"heading": "one", "task": "", "completion_time": due}
    )
    one = await ann.http.get(f"/todo/{created.json()['id']}")
    listed = await ann.http.get("/todo/")

    assert created.json() == one.json() == listed.json()[0]
    assert created.json()["completion_time"] == "2030-05-06T02:08:09.123000Z"
    assert created.json()["created_at"].endswith("Z")


async def test_A12_a_stored_todo_that_cannot_be_read_is_left_out_and_counted(
    service: ServiceInProcess, database: Database[dict[str, Any]]
) -> None:
    ann = await service.sign_up("ann")
    database["todos"].insert_many(
        [
            stored_todo(ann.id, "good"),
            stored_todo(ann.id, "a date as text", completion_time="2026-01-02T03:04:05"),
            stored_todo(ann.id, "no task", task=None),
            stored_todo(ann.id, "also good"),
        ]
    )

    headings = await ann.headings()
    metrics = (await service.http.get("/metrics")).text

    assert headings == ["good", "also good"]
    assert 'fivefold_events_total{event="document_skipped"} 2.0' in metrics


async def test_A13_A14_a_date_that_could_not_be_read_back_and_a_lone_surrogate_are_refused(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    todo_id = await ann.write("one")
    json_type = {"content-type": "application/json"}
    bad = (
        '"completion_time": "9999-12-31T23:59:59-05:00"',
        '"completion_time": "0001-01-01T00:00:00+05:00"',
        '"completion_time": "1969-12-31T23:59:59Z"',
        '"heading": "\\ud800"',
        '"task": "\\ud800"',
    )

    for field in bad:
        new = '{"heading": "two", "task": "", ' + field + "}"
        created = await ann.http.post("/todo/", content=new, headers=json_type)
        changed = "{" + field + "}"
        updated = await ann.http.put(f"/todo/{todo_id}", content=changed, headers=json_type)

        assert (created.status_code, updated.status_code) == (422, 422), field
    assert await ann.headings() == ["one"]


@cached_only
async def test_A17_entries_made_together_do_not_end_together(
    start: Start, shared_redis: Redis
) -> None:
    ann = await (await start(todos_ttl_seconds=DAY_S)).sign_up("ann")

    lifetimes_ms = []
    for number in range(8):
        await ann.write(str(number))
        await ann.read_until_hit()
        [key] = shared_redis.scan_iter(f"*{ann.id}*:todos")
        lifetimes_ms.append(int(shared_redis.pttl(key)))

    assert all(0.89 < lifetime_ms / DAY_S / 1000 <= 1.1 for lifetime_ms in lifetimes_ms)
    # Of hours; what a slow machine adds is far less.
    assert max(lifetimes_ms) - min(lifetimes_ms) > 600_000

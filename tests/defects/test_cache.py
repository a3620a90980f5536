"""Section A: what the cache of the tutorial gets wrong on real servers."""

from typing import Any

from pymongo.database import Database
from redis import Redis

from tests.defects.conftest import StartRedis, cached_only
from tests.defects.in_process import ServiceInProcess, Start


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


async def test_A12_a_stored_todo_that_cannot_be_read_is_left_out_and_counted(
    service: ServiceInProcess, database: Database[dict[str, Any]]
) -> None:
    ann = await service.sign_up("ann")
    for heading in ("good", "a date as text", "no task", "also good"):
        await ann.write(heading)
    todos = database["todos"]
    todos.update_one({"heading": "a date as text"}, {"$set": {"completion_time": "2026-01-02"}})
    todos.update_one({"heading": "no task"}, {"$unset": {"task": 1}})

    headings = await ann.headings()
    metrics = (await service.http.get("/metrics")).text

    assert headings == ["good", "also good"]
    assert 'fivefold_events_total{event="document_skipped"} 2.0' in metrics


@cached_only
async def test_A17_A26_entries_end_by_themselves_and_nothing_stays_of_a_deleted_account(
    start: Start, shared_redis: Redis
) -> None:
    ann = await (await start(user_ttl_seconds=7_200, todos_ttl_seconds=72_000)).sign_up("ann")
    await ann.write("a secret plan")
    await ann.read_until_hit()

    [user_s], [todos_s] = (
        [shared_redis.ttl(key) for key in shared_redis.scan_iter(f"*{ann.id}*:{kind}")]
        for kind in ("user", "todos")
    )
    deleted = await ann.http.delete("/auth/me")
    left = [shared_redis.get(key) for key in shared_redis.scan_iter(f"*{ann.id}*")]

    assert 0.89 < int(user_s) / 7_200 <= 1.1
    assert 0.89 < int(todos_s) / 72_000 <= 1.1
    assert deleted.json() == {"msg": "Account deleted successfully"}
    assert left == [b"X"] * 2, "the traces of the invalidation"

"""Section B: a logout that was kept in Redis alone."""

from urllib.parse import urlsplit

import pytest

from benchmarks.stack.server import redis_client
from tests.defects.conftest import StartRedis
from tests.defects.in_process import Start


@pytest.mark.parametrize(
    "loss", ["killed", "emptied", "restarted", "switched off", "in another process"]
)
async def test_B7_no_loss_of_redis_brings_a_token_back(
    start: Start, redis_server: StartRedis, loss: str
) -> None:
    redis = redis_server()
    settings = {"redis_url": redis.url, "cache_lease_seconds": 1.0}
    service = await start(**settings)
    ann = await service.sign_up("ann")
    await ann.headings()
    await ann.http.post("/auth/logout")
    assert redis.process is not None

    if loss in {"killed", "restarted"}:
        redis.process.kill()
    if loss == "restarted":
        redis_server(port=urlsplit(redis.url).port)
    if loss == "emptied":
        with redis_client(redis.url) as client:
            client.flushall()
    if loss == "switched off":
        await service.admin("PUT", enabled=False)
    if loss == "in another process":
        service = await start(**settings, cache_enabled=False)
    answers = [await service.list_with(ann.token) for _ in range(3)]

    assert [answer.json() for answer in answers] == [{"detail": "Token revoked"}] * 3

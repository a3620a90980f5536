"""The service without one of its levers is slower, and the same service."""

from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import start_service
from benchmarks.variants.registry import VARIANTS, Variant
from tests.e2e.api_client import Api
from tests.patient import PATIENT
from tests.waiting import until

pytestmark = pytest.mark.servers
ABLATIONS = {name: one for name, one in VARIANTS.items() if one.kind == "ablation"}


@pytest.mark.parametrize("variant", ABLATIONS.values(), ids=ABLATIONS)
def test_it_answers_and_caches_like_the_service(
    variant: Variant, servers: Stack, database_name: str, tmp_path: Path
) -> None:
    assert servers.redis is not None
    with (
        start_service(
            mongo_url=servers.mongo.url,
            database=database_name,
            redis_url=servers.redis.url,
            log=tmp_path / "service.log",
            module=variant.module,
            env={**PATIENT, **variant.env, "RATE_LIMIT_ENABLED": "false"},
        ) as service,
        Api(service.url) as api,
    ):
        api.sign_up()
        made = api.post("/todo/", {"heading": "Milk", "task": ""})
        reads: list[tuple[bytes, str]] = []

        def hits() -> bool:
            answer = api.get("/todo/")
            reads.append((answer.content, answer.headers["cache-status"]))
            return reads[-1][1] == "todos; hit, user; hit"

        until(hits, "hit")

    assert {body for body, _ in reads} == {b"[" + made.content + b"]"}

"""The service without one of its levers is slower, and the same service."""

import json
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import start_service
from benchmarks.variants.registry import VARIANTS, Variant
from tests.patient import PATIENT
from tests.waiting import until

pytestmark = pytest.mark.servers
ABLATIONS = {name: one for name, one in VARIANTS.items() if one.kind == "ablation"}
LOGIN = {"email": "ada@example.com", "password": "correct horse battery"}


def ask(
    connection: HTTPConnection, method: str, path: str, body: object = None, token: str = ""
) -> tuple[bytes, str]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status in (200, 201), content
    return content, answer.headers["cache-status"]


@pytest.mark.parametrize("variant", ABLATIONS.values(), ids=ABLATIONS)
def test_it_answers_and_caches_like_the_service(
    variant: Variant, servers: Stack, database_name: str, tmp_path: Path
) -> None:
    assert servers.redis is not None
    with start_service(
        mongo_url=servers.mongo.url,
        database=database_name,
        redis_url=servers.redis.url,
        log=tmp_path / "service.log",
        module=variant.module,
        env={**PATIENT, **variant.env, "RATE_LIMIT_ENABLED": "false"},
    ) as service:
        connection = HTTPConnection(urlsplit(service.url).netloc)
        ask(connection, "POST", "/auth/register", {"name": "Ada", **LOGIN})
        login, _ = ask(connection, "POST", "/auth/login", LOGIN)
        token = json.loads(login)["access_token"]
        made, _ = ask(connection, "POST", "/todo/", {"heading": "Milk", "task": ""}, token)
        reads: list[tuple[bytes, str]] = []

        def hits() -> bool:
            reads.append(ask(connection, "GET", "/todo/", token=token))
            return reads[-1][1] == "todos; hit, user; hit"

        until(hits, "hit")
        connection.close()

    assert {body for body, _ in reads} == {b"[" + made + b"]"}

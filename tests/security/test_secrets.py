"""Secrets stay where they are: not in the log, not in an error, not on an operator's page."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from benchmarks.stack.embedded import Stack, start_redis
from benchmarks.stack.ports import HOST
from benchmarks.stack.server import Server, mongo_client, redis_client
from benchmarks.stack.service import start_service, without_settings
from tests import needs
from tests.e2e.api_client import Api, unready_service
from tests.waiting import until

JWT_SECRET = "jwt-q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe"
ADMIN_TOKEN = "admin-x7Qm2Rz9-kP4wVn8sJd3fHb6tYc1g"
REDIS_PASSWORD = "redis-h4Tn6Ky1"
MONGO_PASSWORD = "mongo-b5Vc8Lp3"
PASSWORDS = ["first-password-g2Ws", "second-password-k9Ed", "a-wrong-guess-p3Xf"]
EMAIL = "ann.private-z6Ju@example.org"
OTHER_EMAIL = "ann.moved-r1Oc@example.org"
NEVER = [JWT_SECRET, ADMIN_TOKEN, REDIS_PASSWORD, MONGO_PASSWORD, *PASSWORDS, "$argon2"]


@dataclass
class Heard:
    """Everything that a service said that is not the answer its caller asked for."""

    errors: list[httpx2.Response] = field(default_factory=list)
    pages: list[httpx2.Response] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    stored_hash: str = ""

    def text(self) -> str:
        """Return status lines, headers and bodies."""
        answers = [*self.errors, *self.pages]
        return "\n".join(f"{dict(answer.headers)} {answer.text}" for answer in answers)


def secrets_in(text: str, heard: Heard) -> list[str]:
    signatures = [token.rpartition(".")[2] for token in heard.tokens]
    known = [*NEVER, EMAIL, OTHER_EMAIL, heard.stored_hash, *heard.tokens, *signatures]
    return [secret for secret in known if secret and secret.lower() in text.lower()]


@pytest.fixture
def locked_redis(tmp_path: Path) -> Iterator[Server]:
    """Start a Redis of this test's own that asks for a password."""
    needs.program("redis-server")
    server = start_redis(tmp_path)
    try:
        with redis_client(server.url) as client:
            client.config_set("requirepass", REDIS_PASSWORD)
        yield server
    finally:
        server.discard()


def test_a_walk_through_everything_tells_no_secret(
    servers: Stack, database_name: str, locked_redis: Server, tmp_path: Path
) -> None:
    settings = {"LOG_LEVEL": "DEBUG", "JWT_SECRET": JWT_SECRET, "ADMIN_TOKEN": ADMIN_TOKEN}
    heard = Heard()
    with start_service(
        mongo_url=servers.mongo.url,
        database=database_name,
        redis_url=locked_redis.url.replace("redis://", f"redis://:{REDIS_PASSWORD}@"),
        log=tmp_path / "service.log",
        env=settings
        | {"RATE_LIMIT_LOGIN": "4/hour", "RATE_LIMIT_REGISTER": "2/hour"}
        | {"REDIS_DEADLINE_SECONDS": "10"},
    ) as running:
        with Api(running.url) as api:
            _walk(api, heard)
            with mongo_client(servers.mongo.url) as mongo:
                [user] = mongo[database_name]["users"].find()
                heard.stored_hash = str(user["password_hash"])
            assert locked_redis.process is not None
            locked_redis.process.kill()
            _look(api, heard)
            assert api.call("DELETE", "/auth/me").status_code == 200
            until(lambda: "redis does not answer" in running.process.log.read_text(), "notice")
        running.process.stop()
        log = running.process.log.read_text()

    assert heard.stored_hash.startswith("$argon2id$")
    assert {answer.status_code for answer in heard.errors} == {400, 401, 403, 409, 422, 429}
    assert secrets_in(heard.text(), heard) == []
    assert secrets_in(log, heard) == []


def test_a_database_that_is_gone_tells_no_secret(tmp_path: Path, closed_port: int) -> None:
    heard = Heard()
    settings = {
        "MONGODB_URL": f"mongodb://ann:{MONGO_PASSWORD}@{HOST}:{closed_port}/?timeoutMS=500",
        "REDIS_URL": f"redis://ann:{REDIS_PASSWORD}@{HOST}:{closed_port}/0",
        "DATABASE_DEADLINE_SECONDS": "0.5",
        "JWT_SECRET": JWT_SECRET,
        "ADMIN_TOKEN": ADMIN_TOKEN,
        "LOG_LEVEL": "DEBUG",
    }
    with unready_service(without_settings(os.environ) | settings, tmp_path / "service.log") as (
        process,
        api,
    ):
        attempt = {"email": EMAIL, "password": PASSWORDS[0]}
        heard.errors += [api.post("/auth/login", attempt), api.get("/readyz")]
        _look(api, heard)
        until(lambda: "fence not reached" in process.log.read_text(), "say that it waits")
        process.stop()
        log = process.log.read_text()

    assert [answer.status_code for answer in heard.errors] == [503, 503]
    assert "database does not answer" in log
    assert secrets_in(heard.text(), heard) == []
    assert secrets_in(log, heard) == []


def _walk(api: Api, heard: Heard) -> None:
    """Use everything that takes a secret, rightly and wrongly; at the end somebody is logged in."""
    first, second, guess = PASSWORDS
    person = {"name": "Ann", "email": EMAIL, "password": first}

    def fails(method: str, path: str, json: object = None, **headers: str) -> None:
        answer = api.call(method, path, json, **headers)
        assert answer.status_code >= 400, answer.text
        heard.errors.append(answer)

    def log_in(email: str, password: str) -> None:
        answer = api.post("/auth/login", {"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        api.token = answer.json()["access_token"]
        heard.tokens.append(api.token)

    assert api.register(person).status_code == 201
    fails("POST", "/auth/register", person)
    fails("POST", "/auth/register", person)
    log_in(EMAIL, first)
    fails("POST", "/auth/login", {"email": EMAIL, "password": guess})
    fails("POST", "/auth/login", {"email": EMAIL, "password": [guess]})
    api.post("/todo/", {"heading": "one", "task": ""})
    api.get("/todo/")
    fails("GET", "/todo/", authorization=f"Bearer {api.token}x")
    fails("PUT", "/admin/cache", {"enabled": guess}, authorization=f"Bearer {ADMIN_TOKEN}")
    fails("GET", "/admin/cache", authorization=f"Bearer {ADMIN_TOKEN}{guess}")
    fails("PATCH", "/auth/me", {"password": second, "current_password": guess})
    fails("PATCH", "/auth/me", {"email": [EMAIL], "password": second})
    fails("PATCH", "/auth/me", {"mail": EMAIL, "secret": first})
    for body in (f'{{"email":"{EMAIL}","password":"{first}'.encode(), first.encode() + b"\xff"):
        for media_type in ("application/json", "text/plain"):
            headers = {"content-type": media_type, "authorization": f"Bearer {api.token}"}
            heard.errors.append(api.http.patch("/auth/me", content=body, headers=headers))
    changed = {"email": OTHER_EMAIL, "password": second, "current_password": first}
    assert api.call("PATCH", "/auth/me", changed).status_code == 200
    fails("GET", "/todo/")
    log_in(OTHER_EMAIL, second)
    fails("POST", "/auth/login", {"email": OTHER_EMAIL, "password": guess})
    _look(api, heard)


def _look(api: Api, heard: Heard) -> None:
    """Read the pages that operators and strangers can read."""
    for path in ("/metrics", "/openapi.json", "/docs", "/healthz", "/readyz", "/nowhere"):
        heard.pages.append(api.get(path))
    heard.pages.append(api.get("/admin/cache", authorization=f"Bearer {ADMIN_TOKEN}"))

"""Section B: what the tokens, the logout and the login of the starting document get wrong."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import time_machine

from benchmarks.stack.server import redis_client
from service.config import ConfigurationError, load_settings
from tests.defects.conftest import StartRedis
from tests.defects.in_process import SECRET, ServiceInProcess, Start, forge

ZONES = ["UTC", "Asia/Karachi", "Asia/Kolkata", "Europe/Berlin", "America/New_York"]
CLAIMS = ["exp", "iat", "nbf", "sub", "jti", "iss", "aud", "gen"]
# Long enough for any algorithm.
KEY = SECRET * 2
# What a forger who has the key changes, by row.
CHANGES: dict[str, list[dict[str, Any]]] = {
    "B2 lacks a claim": [{"without": claim} for claim in CLAIMS],
    "B3 has no proper id": [
        {"jti": jti} for jti in (None, "", "1", str(uuid.uuid1()), ["x"], {"$ne": None})
    ],
    "B6 has a subject that is no user id": [
        {"sub": sub} for sub in ("zzz", "", "None", "A" * 24 + "F", "a" * 24 + "0", 1, ["x"])
    ],
    "B8 was made for something else": [
        {"iss": "somebody"},
        {"aud": "another"},
        {"aud": ["fivefold", "another"]},
        *({"header": {"typ": typ}} for typ in ("JWT", "refresh+jwt", None)),
    ],
    "B9 has another algorithm or key": [
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS384"},
        {"algorithm": "HS512"},
        {"key": SECRET},
    ],
}


@pytest.fixture
def now() -> Iterator[int]:
    """Let no second pass while a token is about to end."""
    with time_machine.travel(int(time.time()), tick=False):
        yield int(time.time())


@pytest.fixture
def set_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def set_to(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield set_to
    monkeypatch.undo()
    time.tzset()


async def test_B1_a_token_lives_as_long_as_it_should_in_every_time_zone(
    start: Start, set_time_zone: Callable[[str], None], now: int
) -> None:
    minutes = 24 * 60
    service = await start(access_token_expire_minutes=minutes)
    ann = await service.sign_up("ann")
    for zone in ZONES:
        set_time_zone(zone)
        token = await service.log_in("ann")
        claims = jwt.decode(token, options={"verify_signature": False})
        fresh = await service.list_with(token)
        past = await service.list_with(forge(ann.token, exp=now - 60, iat=now - 90, nbf=now - 90))

        assert fresh.status_code == 200, zone
        assert claims["iat"] == now, zone
        assert claims["exp"] - claims["iat"] == minutes * 60, zone
        assert past.json() == {"detail": "Token has expired"}, zone


async def test_B2_B3_B6_B8_B9_a_token_that_is_not_made_as_ours_is_refused(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_ALGORITHM", "none")
    service = await start(jwt_secret=KEY)
    ann = await service.sign_up("ann")

    for row, changes in CHANGES.items():
        forged = [forge(ann.token, **{"key": KEY} | change) for change in changes]
        answers = [await service.list_with(token) for token in forged]
        assert [answer.status_code for answer in answers] == [401] * len(changes), row
    assert (await service.list_with(forge(ann.token, key=KEY))).status_code == 200


async def test_B3_B4_a_logout_ends_one_token_which_is_called_revoked(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    other = await service.log_in("ann")
    await ann.headings()

    goodbye = await ann.http.post("/auth/logout")
    replay = await ann.http.get("/todo/")

    assert (goodbye.status_code, goodbye.json()) == (200, {"msg": "Logged out successfully"})
    assert (replay.status_code, replay.json()) == (401, {"detail": "Token revoked"})
    assert replay.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert (await service.list_with(other)).status_code == 200


async def test_B5_a_logout_with_a_bad_token_is_refused(service: ServiceInProcess) -> None:
    ann = await service.sign_up("ann")
    long_ago = forge(ann.token, exp=1_700_000_060, iat=1_700_000_000, nbf=1_700_000_000)
    await ann.http.post("/auth/logout")
    details = {
        "junk": "Invalid token",
        ann.token[:-20]: "Invalid token",
        "x" * 100_000: "Invalid token",
        long_ago: "Token has expired",
        ann.token: "Token revoked",
    }

    for route in ("/auth/logout", "/auth/logout-all"):
        for token, detail in details.items():
            answer = await service.http.post(route, headers={"authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["detail"]) == (401, detail)


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


@pytest.mark.parametrize("secret", ["", "secret", "x" * 31, "a" * 64])
def test_B9_a_weak_secret_stops_the_start(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("JWT_SECRET", secret)

    with pytest.raises(ConfigurationError, match="JWT_SECRET: takes at least 32 random bytes"):
        load_settings()


async def test_B10_B11_a_clock_two_seconds_ahead_and_a_logout_in_the_last_second_are_fine(
    service: ServiceInProcess, now: int
) -> None:
    ann = await service.sign_up("ann")

    ahead = await service.list_with(forge(ann.token, iat=now + 2, nbf=now + 2))
    logouts = []
    for seconds in (1, 0, -3):
        late = forge(ann.token, exp=now + seconds, jti=str(uuid.uuid4()))
        user = await service.signed_in(ann.id, "ann", late)
        logouts.append((await user.http.post("/auth/logout")).status_code)

    assert ahead.status_code == 200
    assert logouts == [200, 200, 200]


async def test_B10_a_revoked_token_stays_revoked_for_as_long_as_a_clock_accepts_it(
    service: ServiceInProcess, now: int
) -> None:
    ann = await service.sign_up("ann")
    first = forge(ann.token, exp=now - 4, jti=str(uuid.uuid4()))
    ann_again = await service.signed_in(ann.id, "ann", first)

    accepted = await ann_again.http.get("/todo/")
    await ann_again.http.post("/auth/logout")
    # The next logout is what clears away ids that nobody could use any more.
    await ann.http.post("/auth/logout")
    replay = await ann_again.http.get("/todo/")

    assert accepted.status_code == 200
    assert replay.json() == {"detail": "Token revoked"}

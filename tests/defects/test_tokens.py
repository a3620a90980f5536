"""Section B: what the tokens, the logout and the login of the starting document get wrong."""

import time
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import jwt
import pytest
import time_machine

from benchmarks.stack.identity import redis_client
from service.config import ConfigurationError, load_settings
from tests.defects.conftest import StartRedis
from tests.defects.stage import SECRET, Service, Start, forge

ZONES = ["UTC", "Asia/Karachi", "Asia/Kolkata", "Europe/Berlin", "America/New_York"]
CLAIMS = ["exp", "iat", "nbf", "sub", "jti", "iss", "aud", "gen"]


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


@pytest.mark.parametrize("minutes", [1, 60 * 24])
async def test_B1_a_token_lives_as_long_as_it_should_in_every_time_zone(
    start: Start, set_time_zone: Callable[[str], None], minutes: int, now: int
) -> None:
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


async def test_B2_a_token_that_lacks_a_claim_is_refused(service: Service) -> None:
    ann = await service.sign_up("ann")

    answers = {
        claim: (await service.list_with(forge(ann.token, without=claim))).status_code
        for claim in CLAIMS
    }

    assert answers == dict.fromkeys(CLAIMS, 401)
    assert (await service.list_with(forge(ann.token))).status_code == 200


async def test_B3_a_token_without_a_proper_id_is_refused(service: Service) -> None:
    ann = await service.sign_up("ann")
    ids = [None, "", "1", str(uuid.uuid1()), ["x"], {"$ne": None}]

    answers = [await service.list_with(forge(ann.token, jti=jti)) for jti in ids]

    assert [answer.status_code for answer in answers] == [401] * len(ids)


async def test_B3_a_logout_ends_one_token_and_not_the_other(service: Service) -> None:
    ann = await service.sign_up("ann")
    other = await service.log_in("ann")

    await ann.http.post("/auth/logout")
    answers = [await service.list_with(token) for token in (ann.token, other)]

    assert [answer.status_code for answer in answers] == [401, 200]


async def test_B4_a_revoked_token_is_called_revoked(service: Service) -> None:
    ann = await service.sign_up("ann")
    await ann.headings()

    goodbye = await ann.http.post("/auth/logout")
    replay = await ann.http.get("/todo/")

    assert (goodbye.status_code, goodbye.json()) == (200, {"msg": "Logged out successfully"})
    assert (replay.status_code, replay.json()) == (401, {"detail": "Token revoked"})
    assert replay.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("route", ["/auth/logout", "/auth/logout-all"])
async def test_B5_a_logout_with_a_bad_token_is_refused(service: Service, route: str) -> None:
    ann = await service.sign_up("ann")
    long_ago = forge(ann.token, exp=1_700_000_060, iat=1_700_000_000, nbf=1_700_000_000)
    await ann.http.post("/auth/logout")

    details = {}
    for name, token in {
        "junk": "junk",
        "half": ann.token[:-20],
        "huge": "x" * 100_000,
        "expired": long_ago,
        "second": ann.token,
    }.items():
        answer = await service.http.post(route, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        details[name] = answer.json()["detail"]

    assert details == {
        "junk": "Invalid token",
        "half": "Invalid token",
        "huge": "Invalid token",
        "expired": "Token has expired",
        "second": "Token revoked",
    }


async def test_B6_a_subject_that_is_no_user_id_is_refused(service: Service) -> None:
    ann = await service.sign_up("ann")
    subjects = ["zzz", "", "None", ann.id.upper() + "F", ann.id + "0", 1, ["x"]]

    answers = [await service.list_with(forge(ann.token, sub=subject)) for subject in subjects]

    assert [answer.status_code for answer in answers] == [401] * len(subjects)


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


async def test_B8_a_token_made_for_something_else_is_refused(service: Service) -> None:
    ann = await service.sign_up("ann")
    foreign = [
        forge(ann.token, iss="somebody"),
        forge(ann.token, aud="another"),
        forge(ann.token, aud=["fivefold", "another"]),
        forge(ann.token, header={"typ": "JWT"}),
        forge(ann.token, header={"typ": "refresh+jwt"}),
        forge(ann.token, header={"typ": None}),
    ]

    answers = [await service.list_with(token) for token in foreign]

    assert [answer.status_code for answer in answers] == [401] * len(foreign)


@pytest.mark.parametrize("secret", ["", "secret", "x" * 31, "a" * 64])
def test_B9_a_weak_secret_stops_the_start(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("JWT_SECRET", secret)

    with pytest.raises(ConfigurationError, match="JWT_SECRET: takes at least 32 random bytes"):
        load_settings()


async def test_B9_no_other_algorithm_is_accepted(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_ALGORITHM", "none")
    key = SECRET * 2
    ann = await (service := await start(jwt_secret=key)).sign_up("ann")
    forged = [
        forge(ann.token, key="", algorithm="none"),
        forge(ann.token, key=key, algorithm="HS384"),
        forge(ann.token, key=key, algorithm="HS512"),
        forge(ann.token, key=SECRET),
    ]

    answers = [await service.list_with(token) for token in forged]

    assert [answer.status_code for answer in answers] == [401] * len(forged)
    assert (await service.list_with(forge(ann.token, key=key))).status_code == 200


async def test_B10_a_clock_that_is_two_seconds_ahead_is_forgiven(
    service: Service, now: int
) -> None:
    ann = await service.sign_up("ann")

    answer = await service.list_with(forge(ann.token, iat=now + 2, nbf=now + 2))

    assert answer.status_code == 200


async def test_B10_a_revoked_token_stays_revoked_for_as_long_as_a_clock_accepts_it(
    service: Service, now: int
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


async def test_B11_a_logout_in_the_last_second_works(service: Service, now: int) -> None:
    ann = await service.sign_up("ann")
    users = [
        await service.signed_in(ann.id, "ann", forge(ann.token, exp=now + s, jti=str(uuid.uuid4())))
        for s in (1, 0, -3)
    ]

    answers = [await user.http.post("/auth/logout") for user in users]

    assert [answer.status_code for answer in answers] == [200, 200, 200]

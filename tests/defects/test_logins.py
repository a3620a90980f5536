"""Section B, the rest: what ends a token, what a login gives away, and what a stall holds up."""

import asyncio

import httpx2

from tests.defects.conftest import StartRedis
from tests.defects.in_process import NEVER_S, PASSWORD, ServiceInProcess, Start

NEW_PASSWORD = "another horse entirely"


async def test_B12_a_new_password_needs_the_present_one_and_ends_every_older_token(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    other = await service.log_in("ann")
    await ann.headings()

    changes = [
        await ann.http.patch("/auth/me", json={"password": NEW_PASSWORD} | proof)
        for proof in ({}, {"current_password": "a guess"}, {"current_password": PASSWORD})
    ]
    replays = [await service.list_with(token) for token in (ann.token, other)]
    logins = [await service.try_log_in("ann", password) for password in (PASSWORD, NEW_PASSWORD)]

    assert [changed.status_code for changed in changes] == [403, 403, 200]
    assert [replay.json() for replay in replays] == [{"detail": "Token revoked"}] * 2
    assert [login.status_code for login in logins] == [401, 200]
    assert (await service.list_with(logins[1].json()["access_token"])).status_code == 200


async def test_B12_a_login_that_was_verified_before_the_change_is_ended_by_it(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    change = {"password": NEW_PASSWORD, "current_password": PASSWORD}

    changed, *logins = await asyncio.gather(
        ann.http.patch("/auth/me", json=change),
        *(service.try_log_in("ann", PASSWORD) for _ in range(10)),
    )
    tokens = [login.json()["access_token"] for login in logins if login.status_code == 200]
    replays = [await service.list_with(token) for token in tokens]

    assert changed.status_code == 200
    assert [replay.status_code for replay in replays] == [401] * len(tokens)


async def test_B12_logging_out_everywhere_and_deleting_the_account_end_every_token(
    service: ServiceInProcess,
) -> None:
    ann = await service.sign_up("ann")
    other = await service.log_in("ann")
    await ann.write("hers")

    await ann.http.post("/auth/logout-all")
    replays = [await service.list_with(token) for token in (ann.token, other)]
    ann = await service.signed_in(ann.id, "ann", await service.log_in("ann"))
    deleted = await ann.http.delete("/auth/me")
    # Even when it is made again.
    again = await service.sign_up("ann")

    assert [replay.json() for replay in replays] == [{"detail": "Token revoked"}] * 2
    assert deleted.json() == {"msg": "Account deleted successfully"}
    assert (await service.list_with(ann.token)).json() == {"detail": "Invalid token"}
    assert await again.headings() == []


async def test_B13_an_unknown_user_and_a_wrong_password_get_the_same_answer(
    service: ServiceInProcess,
) -> None:
    await service.register("ann")

    wrong, unknown = [await service.try_log_in(name, "a guess") for name in ("ann", "nobody")]

    assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid email or password"})
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert _stable_headers(wrong) == _stable_headers(unknown)


async def test_B14_a_stopped_redis_holds_nobody_up(start: Start, redis_server: StartRedis) -> None:
    redis = redis_server()
    service = await start(redis_url=redis.url, redis_deadline_seconds=0.05)
    ann = await service.sign_up("ann")
    await ann.write("one")
    await ann.headings()
    assert redis.process is not None

    redis.process.pause()
    async with asyncio.timeout(NEVER_S):
        lists, health = await asyncio.gather(
            asyncio.gather(*(ann.headings() for _ in range(20))), service.http.get("/healthz")
        )

    assert lists == [["one"]] * 20
    assert health.status_code == 200


async def test_B15_a_request_without_a_bearer_token_is_unauthorised_and_not_forbidden(
    service: ServiceInProcess,
) -> None:
    headers = [
        "",
        "Bearer",
        "Bearer ",
        "Basic YW5uOmFubg==",
        "bearer\txyz",
        "Bearer é",
        "Bearer x.y.z",
    ]

    answers = [await service.http.get("/todo/")] + [
        await service.http.get("/todo/", headers={b"authorization": header.encode()})
        for header in headers
    ]

    assert [answer.status_code for answer in answers] == [401] * 8
    assert {answer.text for answer in answers} == {'{"detail":"Invalid token"}'}
    assert {answer.headers["www-authenticate"].split()[0] for answer in answers} == {"Bearer"}


def _stable_headers(answer: httpx2.Response) -> dict[str, str]:
    own = ("server-timing", "x-request-id")
    return {name: value for name, value in answer.headers.items() if name not in own}

import re

import httpx2
import pytest

from tests.fakes_service import ServiceFakes, serve, sign_in

TOKEN = "operators only, and 32 bytes of it"
OPERATOR = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("down", "status", "said"),
    [
        ("", 200, "ready"),
        ("mongodb", 503, "not ready"),
        ("redis", 200, "ready"),
    ],
)
async def test_it_is_ready_when_the_database_answers_and_healthy_in_any_case(
    fakes: ServiceFakes, client: httpx2.AsyncClient, down: str, status: int, said: str
) -> None:
    fakes.users.down, fakes.cache.down = down == "mongodb", down == "redis"
    health, ready = await client.get("/healthz"), await client.get("/readyz")

    probes = {"mongodb": "ok", "redis": "ok"} | ({down: "down"} if down else {})
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (status, {"status": said, "dependencies": probes})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_without_an_admin_token_there_are_no_admin_routes(
    method: str, client: httpx2.AsyncClient
) -> None:
    answer = await client.request(method, "/admin/cache", headers=OPERATOR)

    assert answer.status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer é"])
async def test_a_wrong_admin_token_is_refused(fakes: ServiceFakes, given: str) -> None:
    async with serve(fakes, admin_token=TOKEN) as client:
        answer = await client.get("/admin/cache", headers=[(b"authorization", given.encode())])

    assert answer.status_code == 401


async def test_guesses_of_the_operators_token_are_limited_and_right_ones_do_not_count(
    fakes: ServiceFakes,
) -> None:
    async with serve(fakes, admin_token=TOKEN) as client:
        right = [await client.get("/admin/cache", headers=OPERATOR) for _ in range(7)]
        wrong = {"authorization": "Bearer a guess"}
        guesses = [await client.get("/admin/cache", headers=wrong) for _ in range(6)]
        late = await client.get("/admin/cache", headers=OPERATOR)

    assert [answer.status_code for answer in right] == [200] * 7
    assert [answer.status_code for answer in guesses] == [401] * 5 + [429]
    assert late.status_code == 429, "a guess that is right tells nothing any more"


async def test_an_operator_sees_the_state_and_the_counters_switches_and_drops(
    fakes: ServiceFakes,
) -> None:
    async with serve(fakes, admin_token=TOKEN) as client:
        before = (await client.get("/admin/cache", headers=OPERATOR)).json()
        await sign_in(client)
        read = await client.get("/todo/")
        seen = (await client.get("/admin/cache", headers=OPERATOR)).json()
        off = await client.put("/admin/cache", json={"enabled": False}, headers=OPERATOR)
        on = await client.put("/admin/cache", json={"enabled": True}, headers=OPERATOR)
        dropped = await client.delete("/admin/cache", headers=OPERATOR)

    assert (before["state"], before["fences"], before["counters"]) == ("on", {}, {})
    assert seen["counters"] == dict.fromkeys(read.headers["cache-status"].split(", "), 1)
    assert (off.json()["state"], on.json()["state"]) == ("off", "on")
    assert (dropped.json()["state"], dropped.json()["fences"]) == ("fenced", {"dropped": 1})


async def test_the_page_takes_nothing_from_elsewhere(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    named = re.findall(r"""(?:src|href|url)["']?\s*[=:]\s*["']([^"']+)""", page)
    # A range, for which Starlette has an answer of another shape, is not looked at.
    answers = [await client.get(path, headers={"range": "bytes=a-b"}) for path in named]

    assert len(named) == 4
    assert all(path.startswith("/") for path in named)
    assert "//" not in re.sub(r"//.*$", "", page.replace("</", ""), flags=re.MULTILINE)
    assert [answer.status_code for answer in answers] == [200] * 4


@pytest.mark.parametrize("enabled", ["true", "false"])
async def test_the_bare_address_leads_to_a_page_with_examples_and_headers_that_says_what_is_on(
    enabled: str, fakes: ServiceFakes
) -> None:
    async with serve(fakes, cache_enabled=enabled) as client:
        front = await client.get("/")
        schema = (await client.get("/openapi.json")).json()
    models, paths = schema["components"]["schemas"], schema["paths"]
    said = {
        name: answers[status].get("headers", {}).keys()
        for name, answers, status in (
            ("list", paths["/todo/"]["get"]["responses"], "200"),
            ("todo", paths["/todo/{todo_id}"]["get"]["responses"], "200"),
            ("limit", paths["/auth/login"]["post"]["responses"], "429"),
        )
    }

    assert (front.status_code, front.headers["location"]) == (307, "docs")
    assert f"CACHE_ENABLED={enabled}" in schema["info"]["description"]
    assert all(models[name]["examples"] for name in ("RegisterIn", "LoginIn", "TodoIn"))
    assert said == {
        "list": {"Cache-Status", "Link"},
        "todo": {"Cache-Status", "ETag"},
        "limit": {"Retry-After"},
    }

"""The page of the documentation works without the internet and says what it is of."""

import re

import httpx2
import pytest

from tests.fakes_service import ServiceFakes, serve


async def test_the_page_takes_nothing_from_elsewhere(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    named = re.findall(r"""(?:src|href|url)["']?\s*[=:]\s*["']([^"']+)""", page)
    answers = [await client.get(path) for path in named]

    assert len(named) == 4
    assert all(path.startswith("/") for path in named)
    assert "//" not in re.sub(r"//.*$", "", page.replace("</", ""), flags=re.MULTILINE)
    assert [answer.status_code for answer in answers] == [200] * 4


@pytest.mark.parametrize("asked", ["bytes=0-10", "bytes=a-b", "bytes=9999999999-", "x"])
async def test_a_file_is_answered_whole_whatever_part_of_it_is_asked_for(
    asked: str, client: httpx2.AsyncClient
) -> None:
    path = "/docs/files/swagger-ui.css"
    whole, part = await client.get(path), await client.get(path, headers={"range": asked})

    assert (part.status_code, part.content) == (200, whole.content)
    assert part.headers["accept-ranges"] == "none"
    same = await client.get(path, headers={"if-none-match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_the_bare_address_leads_to_the_page(
    client: httpx2.AsyncClient,
) -> None:
    front = await client.get("/")

    assert (front.status_code, front.headers["location"]) == (307, "docs")
    assert "/" not in (await client.get("/openapi.json")).json()["paths"]


@pytest.mark.parametrize("enabled", ["true", "false"])
async def test_it_says_whether_the_cache_is_on(enabled: str, fakes: ServiceFakes) -> None:
    async with serve(fakes, cache_enabled=enabled) as client:
        schema = (await client.get("/openapi.json")).json()

    assert f"CACHE_ENABLED={enabled}" in schema["info"]["description"]


async def test_it_shows_examples_and_the_headers_of_answers(client: httpx2.AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()
    models, paths = schema["components"]["schemas"], schema["paths"]

    for name in ("RegisterIn", "LoginIn", "TodoIn", "TodoChangeIn"):
        assert models[name]["examples"]
    assert paths["/todo/"]["get"]["responses"]["200"]["headers"].keys() == {"Cache-Status", "Link"}
    assert paths["/todo/{todo_id}"]["get"]["responses"]["200"]["headers"].keys() == {
        "Cache-Status",
        "ETag",
    }
    limited = paths["/auth/login"]["post"]["responses"]["429"]
    assert limited["headers"].keys() == {"Retry-After"}

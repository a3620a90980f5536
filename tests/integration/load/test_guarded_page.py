"""A running Locust with its page, asked as other web pages can ask it: the token stays here."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from benchmarks.stack.locust import start_locust_ui
from benchmarks.stack.ports import HOST, held_port
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.load.page.conftest import AdminService

TOKEN = "operator-" + "0" * 32
ELSEWHERE = "http://elsewhere.example"
FORM = {"user_count": "1", "spawn_rate": "1", "user_classes": "WarmReads"}
ROUTES = (
    ("GET", "/"),
    ("GET", "/assets/nothing.js"),
    ("GET", "/stats/requests"),
    ("GET", "/stats/report"),
    ("GET", "/logs"),
    ("GET", "/nothing"),
    ("GET", "/fivefold"),
    ("GET", "/fivefold/page.js"),
    ("GET", "/fivefold/data"),
    ("GET", "/fivefold/flag"),
    ("GET", "/fivefold/metrics"),
    ("GET", "/fivefold/summary.csv"),
    ("OPTIONS", "/swarm"),
    ("POST", "/fivefold/flag"),
    ("POST", "/stats/reset"),
    ("POST", "/stop"),
    ("POST", "/swarm"),
    ("POST", "/user"),
)


@dataclass(frozen=True)
class PageAnswer:
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class RunningPage:
    """A page for two services, and a third that is given to it nowhere on the command line."""

    url: str
    given: AdminService
    thief: AdminService

    @property
    def netloc(self) -> str:
        return urlsplit(self.url).netloc

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> PageAnswer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named = {"Content-Type": "application/x-www-form-urlencoded"} | named
        connection = HTTPConnection(self.netloc, timeout=60)
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return PageAnswer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    def swarm(self, fields: Mapping[str, str], **headers: str) -> PageAnswer:
        return self.ask("POST", "/swarm", urlencode({**FORM, **fields}), **headers)

    def state(self) -> str:
        return str(json.loads(self.ask("GET", "/stats/requests").body)["state"])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPage]:
    with ExitStack() as cleanup:
        given, thief = AdminService(), AdminService()
        for service in (given, thief):
            service.url = cleanup.enter_context(listening(handler_for(service))).url
        env = {
            "FIVEFOLD_CACHED": given.url,
            "FIVEFOLD_UNCACHED": given.url,
            "FIVEFOLD_ADMIN_TOKEN": TOKEN,
            "FIVEFOLD_WEB_NAMES": "load.example, other.example",
        }
        log = tmp_path_factory.mktemp("page") / "locust.log"
        port = cleanup.enter_context(held_port())
        cleanup.enter_context(start_locust_ui(port=port, env=env, log=log))
        yield RunningPage(f"http://{HOST}:{port}", given, thief)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "elsewhere.example"},
        {"Host": "elsewhere.example", "Origin": ELSEWHERE},
        {"Host": "[", "Origin": "http://["},
    ],
    ids=lambda headers: " ".join(f"{name} {value}" for name, value in headers.items()),
)
def test_a_page_of_another_origin_or_a_name_that_is_not_ours_is_refused_on_every_route(
    page: RunningPage, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = page.ask(method, path, "" if method == "POST" else None, **headers)

    assert answer.status == 403
    assert page.state() == "ready"


@pytest.mark.parametrize("field", ["cached", "uncached", "host", "admin_token", "samples_dir"])
@pytest.mark.parametrize("origin", ["ours", ELSEWHERE])
def test_a_form_cannot_change_where_the_load_and_the_token_go(
    page: RunningPage, field: str, origin: str
) -> None:
    ours, before = origin == "ours", len(page.given.asked)
    answer = page.swarm({field: page.thief.url}, Origin=page.url if ours else origin)
    flag = json.loads(page.ask("GET", "/fivefold/flag").body)

    assert answer.status == (200 if ours else 403)
    if ours:
        said: dict[str, Any] = json.loads(answer.body)
        assert said["success"] is False
        assert field in said["message"]
    assert page.state() == "ready"
    assert flag["state"] == "on"
    # Accounts may still be logged in meanwhile.
    assert ("GET", "/admin/cache", TOKEN, None) in page.given.asked[before:]
    assert page.thief.asked == []


@pytest.mark.parametrize(("method", "path"), ROUTES[:12])
def test_no_other_page_may_read_or_frame_what_is_answered(
    page: RunningPage, method: str, path: str
) -> None:
    headers = page.ask(method, path, Origin=page.url).headers

    assert not [name for name in headers if name.lower().startswith("access-control-")]
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "name", ["localhost", "10.1.2.3", "[::1]", "load.example", "OTHER.example"]
)
def test_addresses_localhost_and_the_names_that_were_given_are_ours(
    page: RunningPage, name: str
) -> None:
    host = f"{name}:{urlsplit(page.url).port}"
    answer = page.ask("GET", "/fivefold/data", Host=host, Origin=f"http://{host.lower()}")

    assert answer.status == 200


def test_what_is_no_browser_needs_no_origin(page: RunningPage) -> None:
    assert page.ask("POST", "/stats/reset").status == 200

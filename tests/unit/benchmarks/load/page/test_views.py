"""The page and its routes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.flag import Annotations, Switch
from benchmarks.load.page.views import (
    Progress,
    ReadingSource,
    blueprint,
)
from tests.unit.benchmarks.load.page.conftest import AdminService

ROUTES = ("", "/page.css", "/page.js", "/data", "/flag", "/metrics", "/summary.csv")


@pytest.fixture
def source(admin: AdminService) -> ReadingSource:
    metrics = MetricsStore()
    for second in range(8):
        metrics.record(second, "uncached", "bypass", 8000)
        metrics.record(second, "cached", "hit", 1000)
    return ReadingSource(
        metrics=lambda: metrics,
        progress=lambda: Progress(state="running", users=4, workers=2, until=7),
        variants=["uncached", "cached"],
        annotations=Annotations(lambda: 7.5),
        switch=Switch(admin.url, "secret"),
    )


def client_of(source: ReadingSource, guard: Callable[[Any], Any] = lambda view: view) -> Any:
    app = Flask(__name__)
    app.register_blueprint(blueprint(source, guard=guard), url_prefix="/load")
    return app.test_client()


@pytest.fixture
def client(source: ReadingSource) -> FlaskClient:
    found: FlaskClient = client_of(source)
    return found


def data(client: FlaskClient, since: str = "0") -> Any:
    return client.get(f"/load/fivefold/data?since={since}").get_json()


def text(client: FlaskClient, path: str) -> str:
    return str(client.get(f"/load/fivefold{path}").get_data(as_text=True))


def flip(client: FlaskClient, body: object = None) -> Any:
    return client.post("/load/fivefold/flag", json=body or {"enabled": False})


def test_the_page_comes_with_its_policy_and_asks_for_its_data_relative_to_where_it_is(
    client: FlaskClient,
) -> None:
    answer = client.get("/load/fivefold")
    html, script = answer.get_data(as_text=True), text(client, "/page.js")

    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert 'src="fivefold/page.js"' in html
    assert "`fivefold/data?since=" in script
    assert '"/fivefold' not in html + script
    # What the policy would not let run.
    assert not re.search(r"\s(on\w+|style)=", html)


def test_the_figures_are_there_for_prometheus_too(client: FlaskClient) -> None:
    answer = client.get("/load/fivefold/metrics")

    assert answer.mimetype == "text/plain"
    assert "fivefold_load_users 4.0" in answer.get_data(as_text=True)


def test_the_data_say_what_was_recorded_and_where_the_run_is(
    client: FlaskClient, source: ReadingSource
) -> None:
    answer = data(client, since="5")

    assert [row["second"] for row in answer["seconds"]] == [5, 6]
    assert answer["speedup"]["pairs"] == 7
    assert (answer["state"], answer["users"], answer["workers"]) == ("running", 4, 2)
    assert (answer["generation"], answer["flips"]) == (0, [])
    source.annotations.begin()
    assert data(client)["generation"] == 1
    for wrong in ("", "soon", "1.5"):
        assert data(client, since=wrong)["seconds"][0]["second"] == 0


def test_a_load_that_ended_has_a_summary_until_the_next_start_and_it_can_be_downloaded(
    client: FlaskClient, source: ReadingSource
) -> None:
    before = data(client)["summary"]
    missing = client.get("/load/fivefold/summary.csv")
    source.annotations.end()
    made = data(client)["summary"]
    answer = client.get("/load/fivefold/summary.csv")
    source.annotations.begin()

    assert (before, missing.status_code) == (None, 404)
    assert (made["seconds"], made["rows"][1]["requests"]) == (7.5, 8)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.get_data(as_text=True).splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == ["uncached", "cached", "cached / uncached"]
    assert data(client)["summary"] is None


def test_a_flip_is_marked_and_one_that_the_service_refuses_is_not(
    client: FlaskClient, admin: AdminService
) -> None:
    read = client.get("/load/fivefold/flag").get_json()
    admin.status = 401
    refused = flip(client).get_json()
    unmarked = data(client)["flips"]
    admin.status, admin.body = 200, {"state": "off", "epoch": 4}
    answer = flip(client).get_json()

    assert read == {"usable": True, "message": "", "enabled": True, "state": "on", "epoch": 3}
    assert ("refused the token" in refused["message"], unmarked) == (True, [])
    assert answer == {"usable": True, "message": "", "enabled": False, "state": "off", "epoch": 4}
    assert data(client)["flips"] == [{"second": 7.5, "enabled": False, "done": 7.5}]
    assert data(client)["speedup"]["pairs"] == 0


@pytest.mark.parametrize("body", [{"other": 1}, {"enabled": "false"}, {"enabled": 0}, [1]])
def test_a_flip_needs_true_or_false(client: FlaskClient, admin: AdminService, body: object) -> None:
    assert flip(client, body).status_code == 400
    assert admin.asked == []


def test_the_token_is_in_nothing_that_is_sent_to_a_browser(client: FlaskClient) -> None:
    assert not any(b"secret" in client.get(f"/load/fivefold{each}").get_data() for each in ROUTES)


def test_a_person_who_may_not_see_locust_may_not_see_the_page(source: ReadingSource) -> None:
    client = client_of(source, lambda _: lambda: Response(status=418))

    assert {client.get(f"/load/fivefold{each}").status_code for each in ROUTES} == {418}
    assert flip(client).status_code == 418


def test_colors_are_those_of_the_reports_and_no_two_lines_look_the_same_without_them(
    client: FlaskClient,
) -> None:
    style, script = text(client, "/page.css"), text(client, "/page.js")
    used = set(re.findall(r"var\(--(\w+)\)", style + script))
    used |= set(re.findall(r"tone: \"(\w+)\"", script))
    dashes = re.findall(r"dash: \"([\d ]*)\"", script)

    assert used <= set(re.findall(r"--(\w+):#", style))
    assert len(dashes) == len(set(dashes)) >= 6

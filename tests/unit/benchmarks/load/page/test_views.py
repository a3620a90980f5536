"""The page, its routes, and what Locust's own pages show of us."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.data import shown
from benchmarks.load.page.flag import Annotations, Switch
from benchmarks.load.page.views import (
    Document,
    Progress,
    ReadingSource,
    blueprint,
    document,
    rows,
)
from tests.unit.benchmarks.load.page.conftest import AdminService

ROUTES = ("", "/data", "/flag", "/metrics", "/summary.csv")


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


def flip(client: FlaskClient, body: object = None) -> Any:
    return client.post("/load/fivefold/flag", json=body or {"enabled": False})


def test_the_page_comes_with_its_policy_and_asks_for_its_data_relative_to_where_it_is(
    client: FlaskClient,
) -> None:
    answer = client.get("/load/fivefold")
    html = answer.get_data(as_text=True)

    assert answer.mimetype == "text/html"
    assert "script-src 'sha256-" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "`fivefold/data?since=" in html
    assert '"fivefold/flag"' in html
    assert '"/fivefold' not in html


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


# the document


@pytest.fixture(scope="module")
def made() -> Document:
    return document()


@pytest.mark.parametrize("kind", ["style", "script"])
def test_what_is_inside_is_exactly_what_the_policy_lets_run(made: Document, kind: str) -> None:
    [found] = re.findall(f"<{kind}>(.*?)</{kind}>", made.html, re.DOTALL)

    digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
    assert f"{kind}-src 'sha256-{digest}'" in made.policy


def test_nothing_comes_from_elsewhere(made: Document) -> None:
    assert made.policy.startswith("default-src 'none'")
    # Names of namespaces are no addresses that anybody asks.
    assert set(re.findall(r"https?://[^\s\"']+", made.html)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(?!data:)", made.html)
    assert not re.search(r"\s(on\w+|style)=", made.html)


def test_colors_are_those_of_the_reports_and_no_two_lines_look_the_same_without_them(
    made: Document,
) -> None:
    used = set(re.findall(r"var\(--(\w+)\)", made.html))
    used |= set(re.findall(r"tone: \"(\w+)\"", made.html))
    dashes = re.findall(r"dash: \"([\d ]*)\"", made.html)

    assert used <= set(re.findall(r"--(\w+):#", made.html))
    assert len(dashes) == len(set(dashes)) >= 6


# the table in Locust's own pages


def test_a_row_has_three_digits_and_the_hit_ratio_stands_by_the_hits() -> None:
    metrics = MetricsStore()
    for latency_us in (534, 534, 534):
        metrics.record(0, "cached", "hit", latency_us)
    metrics.record(0, "cached", "miss", 12_000)
    live = shown(metrics, since=0, variants=["uncached", "cached"])
    hit, miss, failed = rows(live)

    assert hit["name"] == "cached: hit"
    assert (hit["requests"], hit["share"], hit["hit_ratio"]) == (3, 75.0, 75.0)
    assert hit["p50_ms"] == pytest.approx(0.534, abs=0.002)
    assert len(str(hit["p50_ms"])) <= len("0.534")
    assert miss["hit_ratio"] is None
    assert (failed["requests"], failed["p50_ms"]) == (0, None)
    # A table never grows without end.
    assert len(rows({"totals": [live["totals"][0]] * 1000, "hit_ratio": {"cached": 0.5}})) == 100

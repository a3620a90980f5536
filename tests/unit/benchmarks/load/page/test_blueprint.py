from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from benchmarks.load.metrics_store import MetricsStore
from benchmarks.load.page.annotations import Annotations
from benchmarks.load.page.blueprint import Progress, ReadingSource, blueprint
from benchmarks.load.page.switch import Switch
from tests.unit.benchmarks.load.page.operator import Operator, operating

HERE = {"Origin": "http://localhost"}


def as_is(view: Callable[[], Response]) -> Callable[[], Response]:
    return view


@pytest.fixture
def operator() -> Iterator[Operator]:
    with operating() as made:
        yield made


@pytest.fixture
def source(operator: Operator) -> ReadingSource:
    metrics = MetricsStore()
    for second in range(8):
        metrics.record(second, "uncached", "bypass", 8000)
        metrics.record(second, "cached", "hit", 1000)
    return ReadingSource(
        metrics=lambda: metrics,
        progress=lambda: Progress(state="running", users=4, workers=2, until=7),
        variants=lambda: ["uncached", "cached"],
        annotations=Annotations(lambda: 7.5),
        switch=Switch(lambda: operator.url, "secret"),
    )


@pytest.fixture
def client(source: ReadingSource) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(blueprint(source, guard=as_is), url_prefix="/load")
    return app.test_client()


def data(client: FlaskClient, since: str = "0") -> Any:
    return client.get(f"/load/fivefold/data?since={since}").get_json()


def flip(client: FlaskClient, body: object, **headers: str) -> Any:
    return client.post("/load/fivefold/flag", json=body, headers=headers)


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
    text = answer.get_data(as_text=True)

    assert answer.mimetype == "text/plain"
    assert "fivefold_load_users 4.0" in text
    assert 'fivefold_load_hit_ratio{variant="cached"} 1.0' in text
    assert (
        'fivefold_load_speedup{bound="estimate",reference="uncached",variant="cached"} 7.99' in text
    )


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


@pytest.mark.parametrize("since", ["", "soon", "1.5"])
def test_a_wrong_second_is_taken_for_the_first(client: FlaskClient, since: str) -> None:
    assert data(client, since=since)["seconds"][0]["second"] == 0


def test_the_flag_is_that_of_the_service_and_a_flip_reaches_it_and_is_marked(
    client: FlaskClient, operator: Operator
) -> None:
    read = client.get("/load/fivefold/flag").get_json()
    operator.answer = {"state": "off", "epoch": 4}

    answer = flip(client, {"enabled": False}, **HERE)

    flag = {"usable": True, "message": ""}
    assert read == flag | {"enabled": True, "state": "on", "epoch": 3}
    assert answer.get_json() == flag | {"enabled": False, "state": "off", "epoch": 4}
    assert operator.asked[-1] == ("PUT", "/admin/cache", "Bearer secret", {"enabled": False})
    assert data(client)["flips"] == [{"second": 7.5, "enabled": False, "done": 7.5}]
    assert data(client)["speedup"]["pairs"] == 0


def test_a_refused_flip_marks_nothing(client: FlaskClient, operator: Operator) -> None:
    client.get("/load/fivefold/flag")
    operator.status = 401

    answer = flip(client, {"enabled": False}, **HERE)

    assert "refused the token" in answer.get_json()["message"]
    assert data(client)["flips"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Referer": "http://localhost/load/fivefold"},
    ],
)
def test_only_the_page_itself_may_flip(
    client: FlaskClient, operator: Operator, headers: dict[str, str]
) -> None:
    answer = flip(client, {"enabled": False}, **headers)

    assert answer.status_code == 403
    assert "Only the page itself" in answer.get_json()["message"]
    assert operator.asked == []


@pytest.mark.parametrize("body", [{}, {"enabled": "false"}, {"enabled": 0}, [], None])
def test_a_flip_needs_true_or_false(client: FlaskClient, operator: Operator, body: object) -> None:
    answer = flip(client, body, **HERE)

    assert answer.status_code == 400
    assert operator.asked == []


def test_the_token_is_in_nothing_that_is_sent_to_a_browser(client: FlaskClient) -> None:
    sent = [client.get(f"/load/fivefold{path}").get_data() for path in ("", "/data", "/flag")]

    assert not any(b"secret" in body for body in sent)


def test_whoever_may_not_see_locust_may_not_see_the_page(source: ReadingSource) -> None:
    def closed(_: Callable[[], Response]) -> Callable[[], Response]:
        return lambda: Response(status=418)

    app = Flask(__name__)
    app.register_blueprint(blueprint(source, guard=closed))
    client = app.test_client()

    for path in ("", "/data", "/flag", "/metrics"):
        assert client.get(f"/fivefold{path}").status_code == 418
    assert client.post("/fivefold/flag", headers=HERE).status_code == 418

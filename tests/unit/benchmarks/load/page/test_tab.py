from typing import Any

import pytest
from flask import Flask, Response, jsonify

from benchmarks.load.live import shown
from benchmarks.load.metrics_store import MetricsStore
from benchmarks.load.page.tab import add_tab, rows


def live() -> dict[str, Any]:
    metrics = MetricsStore()
    for _ in range(3):
        metrics.record(0, "cached", "hit", 534)
    metrics.record(0, "cached", "miss", 12_000)
    return shown(metrics, since=0, variants=["uncached", "cached"])


def app_of_locust(prefix: str, template_args: dict[str, Any]) -> Flask:
    app = Flask(__name__)
    kept: list[Response] = []

    def requests() -> Response:
        # Locust sends the same answer again for a while.
        if not kept:
            kept.append(jsonify({"stats": [], "state": "running"}))
        return kept[0]

    app.add_url_rule(f"{prefix}/stats/requests", "requests", requests)
    app.add_url_rule(f"{prefix}/", "start", lambda: "<html><body>Start</body></html>")
    app.add_url_rule(f"{prefix}/stats/report", "report", lambda: "<html><body>R</body></html>")
    add_tab(app, template_args, prefix=prefix, live=live)
    return app


def test_a_row_has_three_digits_and_the_hit_ratio_stands_by_the_hits() -> None:
    hit, miss, failed = rows(live())

    assert hit["name"] == "cached: hit"
    assert (hit["requests"], hit["share"], hit["hit_ratio"]) == (3, 75.0, 75.0)
    assert hit["p50_ms"] == pytest.approx(0.534, abs=0.002)
    assert len(str(hit["p50_ms"])) <= len("0.534")
    assert miss["hit_ratio"] is None
    assert (failed["requests"], failed["p50_ms"]) == (0, None)


@pytest.mark.parametrize("prefix", ["", "/load"])
def test_the_table_travels_with_locusts_own_figures(prefix: str) -> None:
    args: dict[str, Any] = {}
    client = app_of_locust(prefix, args).test_client()

    first = client.get(f"{prefix}/stats/requests").get_json()
    again = client.get(f"{prefix}/stats/requests").get_json()

    assert first["state"] == "running"
    assert first["extended_stats"] == again["extended_stats"]
    (table,) = first["extended_stats"]
    assert [row["name"] for row in table["data"]] == [
        "cached: hit",
        "cached: miss",
        "cached: failed",
    ]
    assert args["extended_tabs"] == [{"title": "fivefold", "key": table["key"]}]
    (structure,) = args["extended_tables"]
    assert {column["key"] for column in structure["structure"]} == set(table["data"][0])


@pytest.mark.parametrize("prefix", ["", "/load"])
def test_the_start_page_leads_to_ours_and_no_other_page_does(prefix: str) -> None:
    client = app_of_locust(prefix, {}).test_client()

    start = client.get(f"{prefix}/").get_data(as_text=True)

    assert start.count('href="./fivefold"') == 1
    assert start.endswith("</a></body></html>")
    assert "fivefold" not in client.get(f"{prefix}/stats/report").get_data(as_text=True)


def test_a_table_never_grows_without_end() -> None:
    total = live()["totals"][0]
    many = {"totals": [total] * 1000, "hit_ratio": {"cached": 0.5}}

    assert len(rows(many)) == 100

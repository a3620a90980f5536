"""Pages, dashboard and alerts speak of what is really exported and logged, and of all of it.

That each query answers, by labels which its metrics have, is what Prometheus itself is asked.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.observability.conftest import ExportedLoad, ObservedService
from tests.integration.observability.promql import (
    PAGE,
    ROOT,
    dashboard,
    metrics_in,
    of_alerts,
    of_dashboard,
    of_page,
)

LOG_PAGE = ROOT / "docs/observability.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|", re.MULTILINE)
Exported = dict[str, tuple[str, set[str]]]
"""The type and the labels of each metric, by the name that a query uses."""


@pytest.fixture(scope="module")
def found(watched: dict[str, ObservedService]) -> Exported:
    """Return all metrics, with every label that any sample of them has."""
    found: Exported = {}
    services = [httpx2.get(f"{service.url}/metrics").text for service in watched.values()]
    for text in [*services, ExportedLoad().text()]:
        for family in text_string_to_metric_families(text):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            found[name] = family.type, labels | found.get(name, ("", set()))[1]
    return found


def test_the_page_lists_just_what_is_exported(found: Exported) -> None:
    rows = ROW.findall(PAGE.read_text())

    assert {name: (kind, {*re.findall(r"`(\w+)`", labels)}) for name, kind, labels in rows} == found


@pytest.mark.parametrize("where", [of_dashboard, of_alerts, of_page], ids=lambda f: f.__name__)
def test_a_query_asks_for_metrics_that_there_are(
    where: Callable[[], dict[str, str]], found: Exported
) -> None:
    asked = {name for text in where().values() for name in metrics_in(text)}

    assert asked
    assert asked <= found.keys()


def test_the_dashboard_asks_the_data_source_that_is_provisioned() -> None:
    provisioned = (ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text()
    asked = {target["datasource"]["uid"] for panel in dashboard() for target in panel["targets"]}

    assert asked == {"prometheus"}
    assert "uid: prometheus\n" in provisioned


def lines(log: Path) -> list[dict[str, Any]]:
    # Python remarks upon a module that is run and was loaded before, which is the tests' doing.
    own = [line for line in log.read_text().splitlines() if not line.startswith("<frozen runpy>")]
    return [json.loads(line) for line in own]


@pytest.fixture(params=["service-cached", "service-uncached"])
def service(request: pytest.FixtureRequest, watched: dict[str, ObservedService]) -> ObservedService:
    return watched[request.param]


def test_every_line_says_when_how_grave_and_what(service: ObservedService) -> None:
    found = lines(service.log)

    assert "Application startup complete." in {line["event"] for line in found}
    assert [line for line in found if not {"timestamp", "level", "event"} <= set(line)] == []


def test_the_page_lists_the_fields_of_a_request(watched: dict[str, ObservedService]) -> None:
    table = LOG_PAGE.read_text().partition("| field | meaning |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"`(\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE)))
    found = {field for one in watched.values() for line in lines(one.log) for field in line}

    assert found <= documented
    # These two come where there is a trace, and where something broke.
    assert documented - found == {"trace_id", "exception"}

"""The page, the dashboard and the alerts speak of what is really exported, and of all of it."""

import re
from collections.abc import Callable

import httpx2
import pytest

from tests.integration.observability.conftest import ObservedService
from tests.integration.observability.exported import Exported, ExportedLoad, exported, metric_of
from tests.integration.observability.promql import (
    PAGE,
    ROOT,
    dashboard,
    groupings,
    of_alerts,
    of_dashboard,
    of_page,
    selectors,
)

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|", re.MULTILINE)
FROM_PROMETHEUS = {"job", "instance", "le"}


@pytest.fixture(scope="module")
def texts(watched: dict[str, ObservedService]) -> list[str]:
    return [
        *(httpx2.get(f"{service.url}/metrics").text for service in watched.values()),
        ExportedLoad().text(),
    ]


@pytest.fixture(scope="module")
def found(texts: list[str]) -> dict[str, Exported]:
    return exported(texts)


def documented() -> dict[str, Exported]:
    return {
        name: Exported(kind, frozenset(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall(PAGE.read_text())
    }


def test_the_page_lists_just_what_is_exported(found: dict[str, Exported]) -> None:
    assert documented() == found


def test_every_metric_says_what_it_is(texts: list[str]) -> None:
    helped = re.findall(r"^# HELP (\w+) (\S+)", "\n".join(texts), re.MULTILINE)
    typed = re.findall(r"^# TYPE (\w+)", "\n".join(texts), re.MULTILINE)

    assert {name for name, _ in helped} == set(typed)


@pytest.mark.parametrize("where", [of_dashboard, of_alerts, of_page], ids=lambda f: f.__name__)
def test_a_query_uses_names_and_labels_that_there_are(
    where: Callable[[], dict[str, str]], found: dict[str, Exported]
) -> None:
    wrong = []
    for title, expression in where().items():
        known = set(FROM_PROMETHEUS)
        for name, labels in selectors(expression):
            metric = metric_of(name, found)
            own = found[metric].labels if metric else set()
            known |= own
            if name != "up" and (metric is None or not labels <= own | FROM_PROMETHEUS):
                wrong.append(f"{title}: {name}{sorted(labels)}")
        if not groupings(expression) <= known:
            wrong.append(f"{title}: by {sorted(groupings(expression) - known)}")

    assert wrong == []
    assert where()


def test_every_metric_of_ours_is_on_the_dashboard(found: dict[str, Exported]) -> None:
    used = {
        metric_of(name, found) for text in of_dashboard().values() for name, _ in selectors(text)
    }

    assert {name for name in found if name.startswith("fivefold_")} - used == set()


def test_the_dashboard_asks_the_data_source_that_is_provisioned() -> None:
    provisioned = (ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text()
    asked = {target["datasource"]["uid"] for panel in dashboard() for target in panel["targets"]}

    assert asked == {"prometheus"}
    assert "uid: prometheus\n" in provisioned

"""The names that a PromQL expression uses, and where the project's expressions are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "deploy/grafana/dashboards/fivefold.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
PAGE = ROOT / "docs/metrics.md"

_SELECTOR = re.compile(r"\b((?:fivefold|process)_\w+|up\b)(?:\{([^}]*)\})?")
_GROUPING = re.compile(r"\bby \(([^)]*)\)")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_QUOTED = re.compile(r'"[^"]*"')


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each metric of an expression with the labels that it is chosen by."""
    for name, labels in _SELECTOR.findall(expression):
        yield name, set(_LABEL.findall(_QUOTED.sub("", labels)))


def groupings(expression: str) -> set[str]:
    """Return the labels that an expression groups by."""
    return {
        label.strip() for labels in _GROUPING.findall(expression) for label in labels.split(",")
    }


def dashboard() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return [panel for panel in panels if panel["type"] != "row"]


def of_dashboard() -> dict[str, str]:
    """Return its expressions by panel."""
    return {
        f"{panel['title']}, {target['refId']}": target["expr"].replace("$__rate_interval", "10s")
        for panel in dashboard()
        for target in panel["targets"]
    }


def of_alerts() -> dict[str, str]:
    """Return the expressions of the alerts by name."""
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def of_page() -> dict[str, str]:
    """Return the expressions of ``docs/metrics.md``."""
    found = re.findall(r"```promql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return {f"query {number} of {PAGE.name}": text for number, text in enumerate(found, 1)}

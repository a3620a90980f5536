"""The names that a PromQL expression uses, and where the project's expressions are."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "deploy/grafana/dashboards/fivefold.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
PAGE = ROOT / "docs/metrics.md"

_WORD = re.compile(r"\b[a-zA-Z_]\w*")
_NO_NAMES = re.compile(r'"[^"]*"|\[\w+\]')
_SUFFIX = re.compile(r"_(bucket|sum|count)$")
_OF_PROMQL = {
    *("by", "on", "and", "or", "unless", "ignoring", "group_left", "sum", "max", "min", "avg"),
    *("rate", "increase", "delta", "histogram_quantile", "clamp_min", "clamp_max", "vector"),
}


def names(expression: str) -> set[str]:
    """Return the metrics and labels that an expression names."""
    found = set(_WORD.findall(_NO_NAMES.sub("", expression))) - _OF_PROMQL
    return {_SUFFIX.sub("", name) for name in found}


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

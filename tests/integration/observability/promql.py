"""The metrics that a PromQL expression asks for, and where the project's expressions are."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "deploy/grafana/dashboards/fivefold.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
PAGE = ROOT / "docs/metrics.md"


def metrics_in(expression: str) -> set[str]:
    """Return the names of metrics in an expression; a histogram has one."""
    return set(re.findall(r"\b((?:fivefold|process)_\w+?)(?:_bucket|_sum|_count)?\b", expression))


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

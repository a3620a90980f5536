"""A pytest plugin that tells what ``make test`` leaves to ``make test-all``.

``make test`` is what a change needs within minutes. What takes a browser, Prometheus, a
cluster, a notebook's kernel, or minutes bears the marker ``rest`` and runs after it.
"""

from pathlib import Path

import pytest

_HERE = Path(__file__).parent
REST = (
    "browser",
    "chaos",
    "cluster",
    "faults",
    "integration/load",
    "integration/observability/test_prometheus.py",
    "integration/test_ablation.py",
    "integration/test_wheel.py",
    "integration/test_workloads.py",
    "integration/test_your_service.py",
    "notebooks",
    "security/test_openapi_fuzz.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of these folders and files."""
    for item in items:
        if any(item.path.is_relative_to(_HERE / each) for each in REST):
            item.add_marker("rest")

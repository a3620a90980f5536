"""Collects what the tests of the fault matrix measured, also from parallel workers."""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import pytest

from benchmarks.stack.embedded import Stack
from tests.faults.page import PAGE, filled, names
from tests.faults.process_deployment import ProcessDeployment, open_deployment
from tests.faults.testbed import FleetTestbed, fleet_testbed

_PROPERTY = "fault"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that asks for the page."""
    parser.addoption("--faults-page", type=Path, help="write the fault matrix to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with an empty matrix."""
    page = config.getoption("faults_page", None)
    if page is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Collector(page), "fault matrix")
    config.addinivalue_line("markers", "fault(name): the test of this row of docs/faults.md")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> dict[str, object]:
    """Take what a test of the matrix measured, by name and with its unit in the name or value."""
    figures: dict[str, object] = {}
    [name] = request.node.get_closest_marker(_PROPERTY).args
    assert name in names(), f"{PAGE} has no row {name}"
    request.node.user_properties.append((_PROPERTY, [name, figures]))
    return figures


@pytest.fixture(scope="package", name="testbed")
def _testbed(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetTestbed]:
    """Run a fleet of the cached variant, with a Redis of its own, for all rows about Redis.

    Every row begins with a fleet that answers from the cache, whatever the row before it broke.
    """
    with fleet_testbed(servers, tmp_path_factory.mktemp("testbed")) as testbed:
        yield testbed


@pytest.fixture
def deployment(servers: Stack, tmp_path: Path) -> Iterator[ProcessDeployment]:
    with open_deployment(servers, tmp_path) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def shared(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessDeployment]:
    """Open a deployment for all rows of a module."""
    with open_deployment(servers, tmp_path_factory.mktemp("shared")) as deployment:
        yield deployment


class _Collector:
    """Turns the reports of every worker into figures, and writes these if no test failed."""

    def __init__(self, page: Path) -> None:
        self._page = page
        self._measured: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test that passed has measured."""
        if report.when == "call" and report.passed:
            for what, value in report.user_properties:
                if what == _PROPERTY:
                    name, figures = cast(Any, value)
                    shown = [f"{what} {figure}" for what, figure in figures.items()]
                    self._measured[name] = ", ".join(shown)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the page."""
        if exitstatus == pytest.ExitCode.OK:
            self._page.write_text(filled(PAGE.read_text(), self._measured, _environment()))


def _environment() -> str:
    date = datetime.now(UTC).date()
    return (
        f"Measured on {date} with Python {platform.python_version()} on {platform.system()} "
        f"{platform.machine()}, redis-py {version('redis')}, PyMongo {version('pymongo')}."
    )

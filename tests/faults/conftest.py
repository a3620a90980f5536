"""Collects what the tests of the fault matrix measured, also from parallel workers."""

import json
import platform
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from tests.faults.page import Row, render
from tests.faults.process_deployment import ProcessDeployment, open_deployment
from tests.faults.testbed import FleetTestbed, fleet_testbed

_PROPERTY = "fault"
Location = tuple[str, int | None, str]
"""Where a test stands: the page has its rows in this order, however many workers ran them."""

_COMMAND = "pytest tests/faults --faults-page docs/faults.md"
_rows = pytest.StashKey[list[tuple[Location, Row]]]()
_figures = pytest.StashKey[dict[str, object]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that asks for the page."""
    parser.addoption("--faults-page", type=Path, help="write the fault matrix to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with an empty matrix."""
    config.stash[_rows] = []
    config.pluginmanager.register(_Collector(config), "fault matrix")
    config.addinivalue_line(
        "markers", "fault(group, fault, injected, expected): a row of the fault matrix"
    )


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> dict[str, object]:
    """Take what a test of the matrix measured, by name and with its unit in the name or value."""
    item: pytest.Item = request.node
    return item.stash.setdefault(_figures, {})


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the row to the report, which is what a parallel worker hands over."""
    marker = item.get_closest_marker(_PROPERTY)
    if marker is not None and call.when == "call":
        measured = item.stash.get(_figures, {})
        figures = ", ".join(f"{name} {value}" for name, value in measured.items())
        item.user_properties.append((_PROPERTY, json.dumps([*marker.args, figures])))
    return (yield)


class _Collector:
    """Turns reports into rows, where the reports of every worker arrive."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the row of a test that ran."""
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == _PROPERTY:
                cells: list[str] = [*json.loads(str(value)), report.outcome]
                self._config.stash[_rows].append((report.location, Row(*cells)))

    def pytest_sessionfinish(self) -> None:
        """Write the page if it was asked for."""
        path = self._config.getoption("faults_page", None)
        located = self._config.stash[_rows]
        if path is not None and located and not hasattr(self._config, "workerinput"):
            rows = [row for _, row in sorted(located, key=lambda one: (one[1].group, *one[0][:2]))]
            path.write_text(render(rows, command=_COMMAND, environment=_environment()))


def _environment() -> str:
    date = datetime.now(UTC).date()
    return (
        f"Measured on {date} with Python {platform.python_version()} on {platform.system()} "
        f"{platform.machine()}, redis-py {version('redis')}, PyMongo {version('pymongo')}."
    )

"""Fixtures of the suites: servers for the session, an event loop and services for a module."""

import asyncio
import gc
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
import uvloop
from pytest_benchmark.session import PerformanceRegression

from benchmarks.micro.measure import Measure, Stopwatch
from benchmarks.micro.site import LAYERINGS, BenchmarkSite, InProcessService, composed, open_site
from service.adapters.redis import client as redis_client
from service.config import Settings

SUITES = "benchmarks/micro"


def pytest_configure(config: pytest.Config) -> None:
    """Choose between the tests and the suites where no path was given.

    ``--benchmark-only`` is about the suites; a run without options about the tests, since it must
    not measure beside them; ``--benchmark-disable`` about both, the suites once each.
    """
    by_default = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if by_default and not config.getoption("benchmark_disable"):
        only = config.getoption("benchmark_only")
        config.args[:] = [path for path in config.args if (path == SUITES) is only]


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Keep the name of the machine, and who built its kernel, out of saved files."""
    machine_info.pop("node", None)
    machine_info["release"] = str(machine_info.get("release", "")).partition("-")[0]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """End with exit code 1 where ``--benchmark-compare-fail`` found something slower.

    pytest-benchmark has named it by then, and raises; a traceback would say nothing more.
    """
    try:
        return (yield)
    except PerformanceRegression:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _frozen_heap(pytestconfig: pytest.Config) -> Iterator[None]:
    """Keep what pytest holds out of the garbage collector's sight, as the service does."""
    if not pytestconfig.getoption("benchmark_disable"):
        gc.collect()
        gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="package")
def site(pytestconfig: pytest.Config) -> Iterator[BenchmarkSite]:
    """Start what is needed, once; a smoke run never touches the servers of the environment."""
    disabled = pytestconfig.getoption("benchmark_disable")
    with pytest.MonkeyPatch.context() as patch, open_site({} if disabled else os.environ) as opened:
        settings = {name.upper() for name in Settings.model_fields}
        for name in [name for name in os.environ if name.upper() in settings]:
            patch.delenv(name)
        # Connecting is not what is measured: a busy machine may take its time.
        patch.setattr(redis_client, "CONNECT_DEADLINE_S", 10.0)
        yield opened


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """Keep one event loop, of the kind that serves the service."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as running:
        yield running


@pytest.fixture(scope="module")
def services(
    site: BenchmarkSite, runner: asyncio.Runner, cleanup: AsyncExitStack
) -> Mapping[str, InProcessService]:
    """Compose each variant."""
    return {variant: runner.run(composed(site, variant, cleanup)) for variant in LAYERINGS}


@pytest.fixture(scope="module")
def cleanup(runner: asyncio.Runner) -> Iterator[AsyncExitStack]:
    """Collect what is to be closed in the event loop when the module is done."""
    stack = AsyncExitStack()
    yield stack
    runner.run(stack.aclose())


@pytest.fixture
def stopwatch(request: pytest.FixtureRequest) -> Stopwatch:
    """Make pytest-benchmark read a stopwatch; to be set up before its own fixture."""
    made = Stopwatch()
    request.node.add_marker(pytest.mark.benchmark(timer=made.read), append=False)
    return made


@pytest.fixture
def measure(
    stopwatch: Stopwatch, benchmark: Any, runner: asyncio.Runner, site: BenchmarkSite
) -> Measure:
    """Measure coroutines."""
    return Measure(benchmark, stopwatch, runner, site.metadata)

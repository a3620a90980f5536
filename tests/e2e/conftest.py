"""The variants under test: processes of our own, or services that somebody else runs."""

import os
import secrets
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.process import Process, launch, probe_http
from benchmarks.stack.service import SERVICE_VARIABLES
from tests.e2e.api_client import Api

ADMIN = "the operator's token of these tests"


@dataclass(frozen=True)
class RunningApplication:
    """A service that answers; ``admin_token`` is empty where we do not know it."""

    url: str
    cached: bool
    admin_token: str = ""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--service-url",
        action="append",
        default=[],
        help="test the service at this URL instead of our own; twice: compare these two",
    )
    parser.addoption(
        "--service-admin-token",
        default="",
        help="what those services take for their operator's",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "service" in metafunc.fixturenames:
        variants = _urls(metafunc.config) or ["uncached", "cached"]
        metafunc.parametrize("service", variants, indirect=True, scope="session")


@pytest.fixture(scope="session")
def own(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Own"]:
    """Start each variant once, when it is first asked for, by ``fivefold serve``."""
    assert servers.redis is not None
    folder = tmp_path_factory.mktemp("services")
    with ExitStack() as exits:
        started: dict[str, RunningApplication] = {}
        urls = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": servers.redis.url}

        def start(variant: str) -> RunningApplication:
            if variant not in started:
                process, url = _serve(variant, urls, folder)
                exits.enter_context(process)
                started[variant] = RunningApplication(url, variant == "cached", ADMIN)
            return started[variant]

        yield start


@pytest.fixture(scope="session")
def service(request: pytest.FixtureRequest) -> RunningApplication:
    """Return the variant that the test runs on."""
    if request.param in {"uncached", "cached"}:
        own: Own = request.getfixturevalue("own")
        return own(request.param)
    return _external(request.param, request.config)


@pytest.fixture(scope="session")
def pair(request: pytest.FixtureRequest) -> tuple[RunningApplication, RunningApplication]:
    """Return two variants that must answer alike; a single URL is compared with our uncached."""
    running = [_external(url, request.config) for url in _urls(request.config)[:2]]
    if len(running) == 2:
        return running[0], running[1]
    own: Own = request.getfixturevalue("own")
    return own("uncached"), running[0] if running else own("cached")


@pytest.fixture
def fresh(servers: Stack, tmp_path: Path) -> Iterator[RunningApplication]:
    """Start the cached variant once more: nobody has registered there in this hour."""
    assert servers.redis is not None
    urls = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": servers.redis.url}
    process, url = _serve("cached", urls, tmp_path)
    with process:
        yield RunningApplication(url, True, ADMIN)


@pytest.fixture
def api(service: RunningApplication) -> Iterator[Api]:
    with Api(service.url) as caller:
        yield caller


Own = Callable[[str], RunningApplication]


def _urls(config: pytest.Config) -> list[str]:
    urls: list[str] = config.getoption("service_url", default=[])
    return urls


def _external(url: str, config: pytest.Config) -> RunningApplication:
    ready = httpx2.get(f"{url}/readyz")
    assert ready.status_code == 200, ready.text
    # Of one service and one of our own, each has its own operator.
    alike = len(_urls(config)) > 1
    token = config.getoption("service_admin_token", default="") if alike else ""
    return RunningApplication(url.rstrip("/"), "redis" in ready.json()["dependencies"], token)


def _serve(variant: str, urls: dict[str, str], folder: Path) -> tuple[Process, str]:
    environ = {name: value for name, value in os.environ.items() if name not in SERVICE_VARIABLES}
    settings = {
        "MONGODB_DATABASE": f"e2e_{uuid.uuid4().hex}",
        "JWT_SECRET": secrets.token_urlsafe(48),
        "ADMIN_TOKEN": ADMIN,
        # A switch that was turned is seen soon; nothing here is about how soon.
        "CACHE_HEAL_SECONDS": "0.2",
        "REDIS_DEADLINE_SECONDS": "10",
    }
    fivefold = str(Path(sys.executable).with_name("fivefold"))
    cache = "on" if variant == "cached" else "off"
    process, port = launch(
        f"fivefold serve --cache {cache}",
        arguments=lambda port: [fivefold, "serve", "--cache", cache, "--port", str(port)],
        probe=probe_http("/readyz", "/readyz"),
        log=folder / f"{variant}.log",
        env=environ | urls | settings,
    )
    return process, f"http://127.0.0.1:{port}"

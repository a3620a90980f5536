"""The variants under test: processes of our own, or services that somebody else runs."""

import os
import secrets
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.process import launch, probe_http
from benchmarks.stack.service import without_settings
from tests.e2e.api_client import Api


@dataclass(frozen=True)
class RunningApplication:
    """A service that answers."""

    url: str
    cached: bool


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--service-url",
        action="append",
        default=[],
        help="test the service at this URL instead of our own",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "service" in metafunc.fixturenames:
        variants = metafunc.config.getoption("service_url") or ["uncached", "cached"]
        metafunc.parametrize("service", variants, indirect=True, scope="session")


@pytest.fixture(scope="session")
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApplication]:
    """Yield the variant that the test runs on."""
    if request.param not in {"uncached", "cached"}:
        ready = httpx2.get(f"{request.param}/readyz")
        assert ready.status_code == 200, ready.text
        url = request.param.rstrip("/")
        yield RunningApplication(url, "redis" in ready.json()["dependencies"])
        return
    servers: Stack = request.getfixturevalue("servers")
    with _serving(request.param, servers, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def fresh(servers: Stack, tmp_path: Path) -> Iterator[RunningApplication]:
    """Start the cached variant once more: nobody has registered there in this hour."""
    with _serving("cached", servers, tmp_path) as running:
        yield running


@pytest.fixture
def api(service: RunningApplication) -> Iterator[Api]:
    with Api(service.url) as caller:
        yield caller


@contextmanager
def _serving(variant: str, servers: Stack, folder: Path) -> Iterator[RunningApplication]:
    """Run ``fivefold serve`` on a database of its own."""
    assert servers.redis is not None
    settings = {
        "MONGODB_URL": servers.mongo.url,
        "REDIS_URL": servers.redis.url,
        "MONGODB_DATABASE": f"e2e_{uuid.uuid4().hex}",
        "JWT_SECRET": secrets.token_urlsafe(48),
        "REDIS_DEADLINE_SECONDS": "10",
    }
    fivefold = str(Path(sys.executable).with_name("fivefold"))
    cache = "on" if variant == "cached" else "off"
    process, port = launch(
        f"fivefold serve --cache {cache}",
        arguments=lambda port: [fivefold, "serve", "--cache", cache, "--port", str(port)],
        probe=probe_http("/readyz", "/readyz"),
        log=folder / f"{variant}.log",
        env=without_settings(os.environ) | settings,
    )
    with process:
        yield RunningApplication(f"http://127.0.0.1:{port}", variant == "cached")

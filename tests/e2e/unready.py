"""A service that is up, whether or not the servers that it needs are."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process, launch, probe_http
from tests.e2e.api_client import Api


@contextmanager
def unready_service(settings: Mapping[str, str], log: Path) -> Iterator[tuple[Process, Api]]:
    """Run a service with this environment and wait until it answers at all."""
    process, port = launch(
        "service",
        arguments=lambda port: [sys.executable, "-m", "service", "--port", str(port)],
        probe=probe_http("/healthz", "/healthz"),
        log=log,
        env=settings,
    )
    with process, Api(f"http://{HOST}:{port}") as api:
        yield process, api

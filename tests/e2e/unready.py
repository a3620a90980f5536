"""A service that is up, whether or not the servers that it needs are."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from benchmarks.stack.launch import launch
from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process
from tests.e2e.api_client import Api


@contextmanager
def unready_service(settings: Mapping[str, str], log: Path) -> Iterator[tuple[Process, Api]]:
    """Run a service with this environment and wait until it answers at all."""
    process, port = launch(
        "service",
        arguments=lambda port: [sys.executable, "-m", "service", "--port", str(port)],
        probe=_silent,
        log=log,
        env=settings,
    )
    with process, Api(f"http://{HOST}:{port}") as api:
        yield process, api


def _silent(port: int, _process: Process) -> str | None:
    try:
        httpx2.get(f"http://{HOST}:{port}/healthz", timeout=2.0, verify=False)
    except httpx2.TransportError as error:
        return f"no answer from /healthz: {error}"
    return None

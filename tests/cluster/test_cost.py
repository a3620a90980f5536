"""What a hit costs on a cluster, beside a single server: processor time, in blocks in turns."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles

import pytest

from benchmarks.coherence.clients import request
from benchmarks.measure.closed_loop import ClosedLoop
from benchmarks.measure.system import cpu_seconds
from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import Service, start_service
from tests.e2e.api_client import Api
from tests.faults.page import LONG
from tests.light_service import MODULE
from tests.patient import PATIENT
from tests.redis_cluster import OwnCluster

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300), LONG]

_USERS, _TODOS = 30, 10
_BLOCKS, _BLOCK_S = 12, 2.0
_MOST = 2.0
"""Far above what is measured: a machine that does something else must not fail it."""


@pytest.fixture
def services(
    servers: Stack, calm_cluster: OwnCluster, tmp_path: Path
) -> Iterator[dict[str, Service]]:
    """Run a service on a single Redis and one on the cluster, with patience for both."""
    assert servers.redis is not None
    env = {
        **PATIENT,
        "ENVIRONMENT": "development",
        "RATE_LIMIT_ENABLED": "false",
    }
    with ExitStack() as cleanup:
        yield {
            name: cleanup.enter_context(
                start_service(
                    mongo_url=servers.mongo.url,
                    database=f"cost_{name}_{uuid.uuid4().hex[:8]}",
                    redis_url=redis_url,
                    log=tmp_path / f"{name}.log",
                    env=env,
                    name=name,
                    module=MODULE,
                )
            )
            for name, redis_url in (("single", servers.redis.url), ("cluster", calm_cluster.url))
        }


@pytest.mark.parametrize("connections", [1, 8])
def test_a_hit_on_a_cluster_costs_little_more(
    services: dict[str, Service], connections: int
) -> None:
    reads = {name: _reads(service.url) for name, service in services.items()}
    took_us: dict[str, list[float]] = {name: [] for name in services}
    for block in range(_BLOCKS + 1):
        for name in sorted(services, reverse=bool(block % 2)):
            service = services[name]
            before_s = _used_s(service)
            with ClosedLoop(service.url, reads[name], connections=connections) as loop:
                result = loop.run(seconds=_BLOCK_S)
            used_s = _used_s(service) - before_s
            assert result.statuses.keys() == {200}
            if block:
                # The first ones fill the cache.
                assert result.hits > 0.99 * result.statuses[200]
                took_us[name].append(1e6 * used_s / result.statuses[200])
    pairs = zip(took_us["cluster"], took_us["single"], strict=True)
    low, middle, high = quantiles([cluster / single for cluster, single in pairs], n=4)
    means = {name: f"{sum(of) / len(of):.0f} us" for name, of in took_us.items()}
    print(f"\n{connections} connections: {middle:.2f} [{low:.2f}, {high:.2f}] {means}")  # noqa: T201

    assert middle < _MOST


def _used_s(service: Service) -> float:
    used_s = cpu_seconds(service.process.pid)
    if used_s is None:
        pytest.skip("processor time is not told here")
    return used_s


def _reads(url: str) -> list[bytes]:
    """Sign users up, each with some todos, and return what reads these."""
    reads = []
    for _ in range(_USERS):
        with Api(url) as api:
            api.sign_up()
            for number in range(_TODOS):
                api.post("/todo/", {"heading": f"todo {number}", "task": "x" * 100})
            reads.append(request("GET", "/todo/", token=api.token))
    return reads

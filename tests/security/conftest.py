"""Both variants as processes, with rate limits off and the admin routes on."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import Service, start_service
from tests.light_service import MODULE
from tests.security.fuzzing import ADMIN_TOKEN

VARIANTS = ["uncached", "cached"]
Variant = Callable[[str], Service]


@pytest.fixture(scope="module")
def running(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Variant]:
    """Start a variant when it is first asked for; it ends with the module."""
    assert servers.redis is not None
    mongo_url, redis_url = servers.mongo.url, servers.redis.url
    folder = tmp_path_factory.mktemp("services")
    started: dict[str, Service] = {}
    with ExitStack() as exits:

        def start(variant: str) -> Service:
            if variant not in started:
                started[variant] = exits.enter_context(
                    start_service(
                        mongo_url=mongo_url,
                        database=f"security_{uuid.uuid4().hex[:16]}",
                        redis_url=redis_url if variant == "cached" else None,
                        log=folder / f"{variant}.log",
                        # A busy machine is no reason to do without Redis.
                        env={
                            "RATE_LIMIT_ENABLED": "false",
                            "ADMIN_TOKEN": ADMIN_TOKEN,
                            "REDIS_DEADLINE_SECONDS": "10",
                        },
                        name=variant,
                        module=MODULE,
                    )
                )
            return started[variant]

        yield start

"""Services that a busy machine does not make do without their cache, another test's matter."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import Service, start_service

PATIENT: Mapping[str, str] = {"REDIS_DEADLINE_SECONDS": "10", "CACHE_LEASE_SECONDS": "10"}
"""Settings of a service that waits for its Redis, and keeps its lease when it gets no processor."""


def start_patient(**given: Any) -> AbstractContextManager[Service]:
    """Start a service as the stack does, with these settings besides."""
    return start_service(**given | {"env": {**PATIENT, **(given.get("env") or {})}})


@contextmanager
def both_variants(servers: Stack, folder: Path, **env: str) -> Iterator[dict[str, str]]:
    """Run a service of each variant for Locust; yields the addresses by variant."""
    assert servers.redis is not None
    settings = {"ENVIRONMENT": "development", "TRUSTED_PROXIES": "127.0.0.1"}
    with ExitStack() as cleanup:
        yield {
            variant: cleanup.enter_context(
                start_service(
                    mongo_url=servers.mongo.url,
                    database=f"load_{uuid4().hex[:12]}",
                    redis_url=redis,
                    log=folder / f"{variant}.log",
                    env={"LOG_LEVEL": "WARNING", **settings, **env},
                )
            ).url
            for variant, redis in (("uncached", None), ("cached", servers.redis.url))
        }

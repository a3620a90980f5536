"""Services that a busy machine does not make do without their cache, another test's matter."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from benchmarks.stack.service import Service, start_service

PATIENT: Mapping[str, str] = {"REDIS_DEADLINE_SECONDS": "10", "CACHE_LEASE_SECONDS": "10"}
"""Settings of a service that waits for its Redis, and keeps its lease when it gets no processor."""


def start_patient(**given: Any) -> AbstractContextManager[Service]:
    """Start a service as the stack does, with these settings besides."""
    return start_service(**given | {"env": {**PATIENT, **(given.get("env") or {})}})

"""A reader's own run: what it says, and two services that are not ours."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.report import judged, measured, view
from benchmarks.report.plots import percentiles, speedups
from benchmarks.stack.embedded import open_stack
from benchmarks.stack.service import start_service
from notebooks.lib.data import Stored, compared


def named(variable: str) -> str | None:
    """Return the folder that an environment variable names, None where it is unset or empty."""
    return os.environ.get(variable) or None


@contextmanager
def two_services() -> Iterator[dict[str, str]]:
    """Start the uncached and the cached service on embedded servers; yield their URLs by name.

    Everything is stopped afterwards. Raises ``StackError`` when something does not start.
    """
    with ExitStack() as cleanup:
        stack = cleanup.enter_context(open_stack(environ={}))
        redis = stack.redis.url if stack.redis else None
        urls = {}
        for name, redis_url in (("uncached", None), ("cached", redis)):
            service = start_service(
                mongo_url=stack.mongo.url,
                database=f"fivefold_{name}",
                redis_url=redis_url,
                env={"ENVIRONMENT": "development", "RATE_LIMIT_ENABLED": "false"},
                log=stack.folder / f"{name}.log",
                name=name,
            )
            urls[name] = cleanup.enter_context(service).url
        yield urls


def compared_targets(urls: dict[str, str], scenario: Path, *options: str) -> Stored:
    """Return the run of ``fivefold compare --target``, which knows of services their URLs only."""
    targets = [f"--target={name}={url}" for name, url in urls.items()]
    return compared(*targets, f"--scenario={scenario}", *options)

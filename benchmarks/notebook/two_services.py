"""Two running services to compare as if they were somebody else's."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.notebook.measuring import compared
from benchmarks.notebook.stored import Stored
from benchmarks.stack.embedded import open_stack
from benchmarks.stack.service import start_service


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

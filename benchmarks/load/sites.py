"""The services that are put under load: ours on fresh servers, or those that run already."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.runner.dependencies import Dependencies
from benchmarks.stack.dataset import write_dataset
from benchmarks.stack.embedded import Stack
from benchmarks.stack.fill import example_data
from benchmarks.stack.fresh_database import fresh_database
from benchmarks.stack.ports import HOST

# The limits stay on: whoever is trusted to name the address of a user can serve many of them.
SERVICE_ENVIRONMENT: Mapping[str, str] = {"TRUSTED_PROXIES": HOST, "LOG_LEVEL": "WARNING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What our services are started on; ``label`` is in the names of their databases."""

    stack: Stack
    seed: int
    label: str
    logs: Path


@contextmanager
def running_services(own: Own, tools: Dependencies) -> Iterator[dict[str, str]]:
    """Start both services, each on a database of its own with the same data.

    Yields the addresses by variant, the reference first. However the context is left, the
    services are stopped and their databases dropped. Raises ``UsageError``,
    ``StackError`` and driver's errors.
    """
    dataset = example_data(own.seed)
    redis = own.stack.redis
    with ExitStack() as cleanup:
        mongo = tools.connect_mongo(own.stack.mongo.url)
        cleanup.callback(mongo.close)
        addresses = {}
        for variant, redis_url in (("uncached", None), ("cached", redis.url if redis else None)):
            database = f"load_{own.label}_{variant}"
            write_dataset(dataset, cleanup.enter_context(fresh_database(mongo, database)))
            service = cleanup.enter_context(
                tools.start_service(
                    mongo_url=own.stack.mongo.url,
                    database=database,
                    redis_url=redis_url,
                    env=SERVICE_ENVIRONMENT,
                    log=own.logs / f"{variant}.log",
                    module="service",
                )
            )
            addresses[variant] = service.url
        yield addresses

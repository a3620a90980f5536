"""The services that are put under load: ours on fresh servers."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from benchmarks.runner.dependencies import Dependencies
from benchmarks.stack.dataset import example_data, fresh_database, write_dataset
from benchmarks.stack.embedded import Stack
from benchmarks.stack.ports import HOST
from benchmarks.storage.run_folder import Run

# The limits stay on: whoever is trusted to name the address of a user can serve many of them.
_ENVIRONMENT: Mapping[str, str] = {"TRUSTED_PROXIES": HOST, "LOG_LEVEL": "WARNING"}


@contextmanager
def running_services(
    stack: Stack, run: Run, dependencies: Dependencies, *, seed: int
) -> Iterator[dict[str, str]]:
    """Start both services, each on a database of its own with the same data.

    Yields the addresses by variant, the reference first. However the context is left, the
    services are stopped and their databases dropped. Raises ``UsageError``,
    ``StackError`` and driver's errors.
    """
    dataset = example_data(seed)
    redis_url = stack.redis.url if stack.redis else None
    with ExitStack() as cleanup:
        mongo = dependencies.connect_mongo(stack.mongo.url)
        cleanup.callback(mongo.close)
        addresses = {}
        for variant, redis in (("uncached", None), ("cached", redis_url)):
            database = f"load_{run.label}_{variant}"
            write_dataset(dataset, cleanup.enter_context(fresh_database(mongo, database)))
            service = cleanup.enter_context(
                dependencies.start_service(
                    mongo_url=stack.mongo.url,
                    database=database,
                    redis_url=redis,
                    env=_ENVIRONMENT,
                    log=run.logs / f"{variant}.log",
                    module="service",
                )
            )
            addresses[variant] = service.url
        yield addresses

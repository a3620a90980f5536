"""Run services for a person until Ctrl-C: what ``fivefold serve`` and ``fivefold up`` do."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from rich.console import Console

from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.notices import say_broken, say_ended, say_running
from benchmarks.stack.ports import require_free_port
from benchmarks.stack.process import Process
from benchmarks.stack.service import SERVICE_VARIABLES, Service, start_service
from benchmarks.stack.signals import terminate_as_interrupt

_DECIDED_HERE = {"MONGODB_URL", "MONGODB_DATABASE", "REDIS_URL", "CACHE_ENABLED"}
_OK = 0
_BROKEN = 4
_LOOK_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One service to run."""

    name: str
    port: int
    database: str
    cache: bool
    workers: int = 1


def serve(
    *,
    cache: bool,
    environ: Mapping[str, str],
    port: int = 8000,
    workers: int = 1,
    module: str = "service",
    console: Console | None = None,
) -> int:
    """Run one service with the settings found in ``environ`` until Ctrl-C or SIGTERM.

    Returns the exit code: 0, or 4 after saying what broke. With ``cache`` off no Redis is needed.
    """
    database = environ.get("MONGODB_DATABASE") or "fivefold"
    name = "service-cached" if cache else "service-uncached"
    plan = Plan(name=name, port=port, database=database, cache=cache, workers=workers)
    return _run([plan], environ, module, console or Console())


def up(
    *,
    environ: Mapping[str, str],
    cached_port: int = 8000,
    uncached_port: int = 8001,
    module: str = "service",
    console: Console | None = None,
) -> int:
    """Run the cached and the uncached service side by side until Ctrl-C or SIGTERM.

    Each has a database of its own. Returns the exit code: 0, or 4 after saying what broke.
    """
    plans = [
        Plan(name="service-cached", port=cached_port, database="fivefold_cached", cache=True),
        Plan(
            name="service-uncached", port=uncached_port, database="fivefold_uncached", cache=False
        ),
    ]
    return _run(plans, environ, module, console or Console())


def _run(plans: Sequence[Plan], environ: Mapping[str, str], module: str, console: Console) -> int:
    try:
        with terminate_as_interrupt(), ExitStack() as cleanup:
            with console.status("Starting the servers"):
                for plan in plans:
                    require_free_port(plan.port)
                with_redis = any(plan.cache for plan in plans)
                stack = cleanup.enter_context(open_stack(environ=environ, redis=with_redis))
                services = {
                    plan.name: cleanup.enter_context(_started(plan, stack, environ, module))
                    for plan in plans
                }
            say_running(console, stack, services)
            say_ended(console, _first_to_end(stack, services))
    except KeyboardInterrupt:
        console.print("Stopped.")
        return _OK
    except StackError as error:
        say_broken(console, error)
    return _BROKEN


def _started(
    plan: Plan, stack: Stack, environ: Mapping[str, str], module: str
) -> AbstractContextManager[Service]:
    return start_service(
        mongo_url=stack.mongo.url,
        database=plan.database,
        redis_url=stack.redis.url if plan.cache and stack.redis else None,
        port=plan.port,
        workers=plan.workers,
        env={"ENVIRONMENT": "development"} | _passed_through(environ),
        log=stack.folder / f"{plan.name}.log",
        name=plan.name,
        module=module,
    )


def _passed_through(environ: Mapping[str, str]) -> dict[str, str]:
    wanted = SERVICE_VARIABLES - _DECIDED_HERE
    return {name.upper(): value for name, value in environ.items() if name.upper() in wanted}


def _first_to_end(stack: Stack, services: Mapping[str, Service]) -> Process:
    servers = [server for server in (stack.mongo, stack.redis) if server is not None]
    children = [server.process for server in servers if server.process is not None]
    children += [service.process for service in services.values()]
    while True:
        for child in children:
            if child.poll() is not None:
                return child
        time.sleep(_LOOK_S)

"""Run services for a person until Ctrl-C: what ``fivefold serve`` and ``fivefold up`` do."""

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from rich.console import Console

from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.fill import example_data, fill_if_empty
from benchmarks.stack.locust import LocustUI, start_locust_ui
from benchmarks.stack.notices import say_broken, say_ended, say_running
from benchmarks.stack.ports import HOST, require_free_port
from benchmarks.stack.process import Process
from benchmarks.stack.service import SERVICE_VARIABLES, Service, start_service
from benchmarks.stack.signals import terminate_as_interrupt

_DECIDED_HERE = {"MONGODB_URL", "MONGODB_DATABASE", "REDIS_URL", "CACHE_ENABLED"}
_OK = 0
_BROKEN = 4
_LOOK_S = 0.2


@dataclass(frozen=True, kw_only=True)
class LaunchPlan:
    """One service to run."""

    name: str
    port: int
    database: str
    cache: bool
    workers: int = 1


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All that is run together; ``environ`` are the settings of the services.

    With ``filled`` their databases get users to begin with. With a ``locust_port`` the page of
    Locust runs there, for a cached and an uncached service, in this order.
    """

    plans: Sequence[LaunchPlan]
    environ: Mapping[str, str]
    module: str
    filled: bool = False
    locust_port: int | None = None

    @property
    def ports(self) -> list[int]:
        """Return the ports that have to be free."""
        own = [plan.port for plan in self.plans]
        return own if self.locust_port is None else [*own, self.locust_port]


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
    plan = LaunchPlan(name=name, port=port, database=database, cache=cache, workers=workers)
    whole = Whole(plans=[plan], environ=_settings(environ), module=module)
    return _run(whole, environ, console or Console())


def up(
    *,
    environ: Mapping[str, str],
    cached_port: int = 8000,
    uncached_port: int = 8001,
    locust_port: int | None = 8089,
    module: str = "service",
    console: Console | None = None,
) -> int:
    """Run the cached and the uncached service side by side until Ctrl-C or SIGTERM.

    Each has a database of its own, which gets the same users unless it has some. On
    ``locust_port``, unless that is None, the page of Locust puts both under load: the services
    trust it to say whose request it is, and it can flip the cache's flag. Returns the exit code:
    0, or 4 after saying what broke.
    """
    plans = [
        LaunchPlan(name="service-cached", port=cached_port, database="fivefold_cached", cache=True),
        LaunchPlan(
            name="service-uncached", port=uncached_port, database="fivefold_uncached", cache=False
        ),
    ]
    usual = {"TRUSTED_PROXIES": HOST, "ADMIN_TOKEN": secrets.token_urlsafe(24)}
    whole = Whole(
        plans=plans,
        environ=usual | _settings(environ),
        module=module,
        filled=True,
        locust_port=locust_port,
    )
    return _run(whole, environ, console or Console())


def _run(whole: Whole, environ: Mapping[str, str], console: Console) -> int:
    """Run it all; ``environ`` names the servers to use, if any."""
    try:
        with terminate_as_interrupt(), ExitStack() as cleanup:
            with console.status("Starting the servers"):
                for port in whole.ports:
                    require_free_port(port)
                with_redis = any(plan.cache for plan in whole.plans)
                stack = cleanup.enter_context(
                    open_stack(environ=environ, redis=with_redis, several=True)
                )
                notes = _fill(whole.plans, stack) if whole.filled else []
                services = {
                    plan.name: cleanup.enter_context(_started(plan, stack, whole))
                    for plan in whole.plans
                }
                locust = _locust(whole, [each.url for each in services.values()], stack, cleanup)
            say_running(console, stack, services, locust=locust, notes=notes)
            children = [service.process for service in services.values()]
            children += [locust.process] if locust else []
            say_ended(console, _first_to_end(stack, children))
    except KeyboardInterrupt:
        console.print("Stopped.")
        return _OK
    except StackError as error:
        say_broken(console, error)
    return _BROKEN


def _fill(plans: Sequence[LaunchPlan], stack: Stack) -> list[str]:
    """Give every database the same users; returns which were left alone."""
    data = example_data()
    return [
        f"{plan.database} has users already and was left as it is."
        for plan in plans
        if not fill_if_empty(stack.mongo.url, plan.database, data)
    ]


def _locust(whole: Whole, urls: Sequence[str], stack: Stack, cleanup: ExitStack) -> LocustUI | None:
    if whole.locust_port is None:
        return None
    cached, uncached = urls
    return cleanup.enter_context(
        start_locust_ui(
            port=whole.locust_port,
            env={
                "FIVEFOLD_CACHED": cached,
                "FIVEFOLD_UNCACHED": uncached,
                "FIVEFOLD_ADMIN_TOKEN": whole.environ["ADMIN_TOKEN"],
                # What its form proposes; one user would load one variant only.
                "LOCUST_USERS": "20",
                "LOCUST_SPAWN_RATE": "10",
            },
            log=stack.folder / "locust.log",
        )
    )


def _started(plan: LaunchPlan, stack: Stack, whole: Whole) -> AbstractContextManager[Service]:
    return start_service(
        mongo_url=stack.mongo.url,
        database=plan.database,
        redis_url=stack.redis.url if plan.cache and stack.redis else None,
        port=plan.port,
        workers=plan.workers,
        env={"ENVIRONMENT": "development"} | dict(whole.environ),
        log=stack.folder / f"{plan.name}.log",
        name=plan.name,
        module=whole.module,
    )


def _settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the service in an environment that are not decided here."""
    wanted = SERVICE_VARIABLES - _DECIDED_HERE
    return {name.upper(): value for name, value in environ.items() if name.upper() in wanted}


def _first_to_end(stack: Stack, others: Sequence[Process]) -> Process:
    servers = [server for server in (stack.mongo, stack.redis) if server is not None]
    children = [server.process for server in servers if server.process is not None]
    children += others
    while True:
        for child in children:
            if child.poll() is not None:
                return child
        time.sleep(_LOOK_S)

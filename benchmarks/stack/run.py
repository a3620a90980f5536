"""Run services for a person until Ctrl-C: what ``fivefold serve`` and ``fivefold up`` do."""

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import NoReturn

from rich.console import Console

from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.locust import start_locust_ui
from benchmarks.stack.ports import HOST, require_free_port
from benchmarks.stack.process import Process, terminate_as_interrupt
from benchmarks.stack.service import SERVICE_VARIABLES, Service, start_service
from benchmarks.storage.usage import UsageError

_DECIDED_HERE = {"MONGODB_URL", "MONGODB_DATABASE", "REDIS_URL", "CACHE_ENABLED"}
_POLL_S = 0.2


@dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """One service to run; ``settings`` are its own beside those of its servers."""

    name: str
    port: int
    database: str
    cache: bool
    settings: Mapping[str, str]
    module: str
    workers: int = 1

    def start(self, stack: Stack) -> AbstractContextManager[Service]:
        """Start it on these servers, with its log beside theirs."""
        return start_service(
            mongo_url=stack.mongo.url,
            database=self.database,
            redis_url=stack.redis.url if self.cache and stack.redis else None,
            port=self.port,
            workers=self.workers,
            env={"ENVIRONMENT": "development"} | dict(self.settings),
            log=stack.folder / f"{self.name}.log",
            name=self.name,
            module=self.module,
        )


def serve(
    *,
    cache: bool,
    environ: Mapping[str, str],
    port: int = 8000,
    workers: int = 1,
    module: str = "service",
) -> None:
    """Run one service with the settings found in ``environ`` until Ctrl-C or SIGTERM.

    Raises ``UsageError`` for a setting that is wrong, ``StackError`` for what broke. With ``cache``
    off no Redis is needed.
    """
    service = ServicePlan(
        name="service-cached" if cache else "service-uncached",
        port=port,
        database=environ.get("MONGODB_DATABASE") or "fivefold",
        cache=cache,
        settings=_settings(environ),
        module=module,
        workers=workers,
    )
    _run([service], environ)


def up(
    *,
    environ: Mapping[str, str],
    cached_port: int = 8000,
    uncached_port: int = 8001,
    locust_port: int | None = 8089,
    module: str = "service",
) -> None:
    """Run the cached and the uncached service side by side until Ctrl-C or SIGTERM.

    Each has a database of its own, which gets the same users unless it has some. On
    ``locust_port``, unless that is None, the page of Locust puts both under load: the services
    trust it to say whose request it is, and it can flip the cache's flag. Raises ``UsageError`` for
    a port that is given twice and for a setting that is wrong, ``StackError`` for what broke.
    """
    ports = [port for port in (cached_port, uncached_port, locust_port) if port is not None]
    if len(set(ports)) < len(ports):
        raise UsageError("--cached-port, --uncached-port and --locust-port must differ")
    usual = {"TRUSTED_PROXIES": HOST, "ADMIN_TOKEN": secrets.token_urlsafe(24)}
    services = [
        ServicePlan(
            name=f"service-{variant}",
            port=port,
            database=f"fivefold_{variant}",
            cache=variant == "cached",
            settings=usual | _settings(environ),
            module=module,
        )
        for variant, port in (("cached", cached_port), ("uncached", uncached_port))
    ]
    _run(services, environ, filled=True, locust_port=locust_port)


def _run(
    plans: Sequence[ServicePlan],
    environ: Mapping[str, str],
    *,
    filled: bool = False,
    locust_port: int | None = None,
) -> None:
    """Run it all until Ctrl-C; ``environ`` names the servers to use, if any.

    With ``filled`` the databases get users to begin with. With a ``locust_port`` the page of
    Locust runs there, for a cached and an uncached service, in this order.
    """
    console = Console()
    try:
        with terminate_as_interrupt(), ExitStack() as cleanup:
            with console.status("Starting the servers"):
                for port in (*(plan.port for plan in plans), locust_port):
                    if port is not None:
                        require_free_port(port)
                with_redis = any(plan.cache for plan in plans)
                stack = cleanup.enter_context(
                    open_stack(environ=environ, redis=with_redis, several=True)
                )
                if filled:
                    _fill(plans, stack)
                services = {plan.name: cleanup.enter_context(plan.start(stack)) for plan in plans}
                children = [server.process for server in stack.servers if server.process]
                children += [service.process for service in services.values()]
                if locust_port is not None:
                    urls = [service.url for service in services.values()]
                    token = plans[0].settings["ADMIN_TOKEN"]
                    children += [cleanup.enter_context(_locust(locust_port, urls, token, stack))]
            _say_running(console, stack, services, locust_port=locust_port)
            _raise_at_first_end(children)
    except KeyboardInterrupt:
        console.print("Stopped.")


def _fill(services: Sequence[ServicePlan], stack: Stack) -> None:
    """Give every database the same users."""
    # A service alone need not wait for what makes the data.
    from benchmarks.stack.dataset import example_data, fill_if_empty  # noqa: PLC0415

    data = example_data()
    for service in services:
        fill_if_empty(stack.mongo.url, service.database, data)


def _locust(
    port: int, urls: Sequence[str], token: str, stack: Stack
) -> AbstractContextManager[Process]:
    cached, uncached = urls
    return start_locust_ui(
        port=port,
        env={
            "FIVEFOLD_CACHED": cached,
            "FIVEFOLD_UNCACHED": uncached,
            "FIVEFOLD_ADMIN_TOKEN": token,
            # What its form proposes; one user would load one variant only.
            "LOCUST_USERS": "20",
            "LOCUST_SPAWN_RATE": "10",
        },
        log=stack.folder / "locust.log",
    )


def _settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the service in an environment that are not decided here."""
    passed_on = SERVICE_VARIABLES - _DECIDED_HERE
    return {name.upper(): value for name, value in environ.items() if name.upper() in passed_on}


def _raise_at_first_end(children: Sequence[Process]) -> NoReturn:
    """Raise ``StackError`` as soon as one ends by itself, with the end of its log."""
    while True:
        for child in children:
            if child.poll() is not None:
                raise StackError(
                    f"{child.name} ended by itself with exit code {child.poll()}; "
                    f"everything else is being stopped. Its log ends with:\n{child.log_tail()}"
                )
        time.sleep(_POLL_S)


def _say_running(
    console: Console,
    stack: Stack,
    services: Mapping[str, Service],
    *,
    locust_port: int | None,
) -> None:
    """Show where each service, each server behind it and each log is, and what it is."""
    lines = []
    if locust_port is not None:
        url = f"http://{HOST}:{locust_port}"
        lines += [("live page", f"{url}/fivefold  both variants, and the switch of Redis")]
        lines += [("locust", f"{url}  starts and stops the load")]
    lines += [(name, f"{each.url}  {each.url}/docs") for name, each in services.items()]
    lines += [(server.role, f"{server.address}  {server.label}") for server in stack.servers]
    lines += [("logs", f"{stack.folder}/*.log")]
    width = max(len(name) for name, _ in lines)
    for name, what in lines:
        # Addresses and paths are there to be copied: a narrow terminal must not cut them.
        console.print(f"{name:{width}}  {what}", soft_wrap=True, markup=False)
    for server in stack.servers:
        if server.caveat:
            console.print(f"Note: {server.caveat}", style="yellow", markup=False)
    console.print("Ctrl-C stops everything and removes data and logs.")

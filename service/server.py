"""A process that serves an application built from the environment, or several on one port."""

import argparse
import math
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, Literal

import uvicorn
from uvicorn import Config
from uvicorn.supervisors.multiprocess import Multiprocess

from service import logs
from service.adapters.redis.client import require_usable
from service.config import ConfigurationError, load_settings
from service.protocol import BoundedProtocol

DRAIN_S = 10
LOOK_S = 0.5
# Uvicorn's exit code for an application that could not be started.
STARTUP_FAILURE = 3
MOST_PORT = 65535
# Longer than a load balancer's usual idle time, so that the client side closes first.
KEEP_ALIVE_S = 75
# A worker that does not answer for so long is replaced. One that is being started on a busy machine
# answers when it has imported the service: with uvicorn's 5 s that may never happen.
WORKER_ANSWERS_WITHIN_S = 60
_ALWAYS: Mapping[str, Any] = {
    "ws": "none",
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "timeout_keep_alive": KEEP_ALIVE_S,
    "timeout_graceful_shutdown": DRAIN_S,
    "timeout_worker_healthcheck": WORKER_ANSWERS_WITHIN_S,
}


def serve(
    module: str,
    factory: str,
    *,
    loop: Literal["auto", "asyncio"] = "auto",
    http: Literal["auto", "h11", "httptools"] = "auto",
) -> int:
    """Serve what ``factory`` in ``module`` returns, as the command line says; return the exit code.

    ``loop`` and ``http`` are uvicorn's: ``auto`` takes uvloop, and httptools within bounds, where
    ``httptools`` is uvicorn's without any.
    Ends on SIGTERM or SIGINT after draining, with 2 at once for a wrong option or setting, and with
    uvicorn's 3 where it cannot start.
    """
    options = _options(module)
    try:
        settings = load_settings()
        if settings.cache_enabled:
            require_usable(settings.redis_url.get_secret_value())
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - before logging exists
        return 2
    if not settings.jwt_secret.get_secret_value():
        # Development only. Set before the workers start, so that they share it.
        os.environ["JWT_SECRET"] = secrets.token_urlsafe(48)
    # Uvicorn raises the signal once more after it has drained, which must not look like a crash.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    running: dict[str, Any] = {
        "loop": loop,
        "http": BoundedProtocol if http == "auto" else http,
        **vars(options),
        "log_config": logs.config(settings.log_level),
        **_ALWAYS,
    }
    if options.workers > 1:
        return serve_workers(module, factory, **running)
    uvicorn.run(f"{module}:{factory}", factory=True, **running)
    return 0


def _options(module: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m " + module.removesuffix(".app"), description="The todo service."
    )
    parser.add_argument("--host", type=_host, default="127.0.0.1")
    parser.add_argument("--port", type=_whole(0, MOST_PORT, f"0 to {MOST_PORT}"), default=8000)
    parser.add_argument("--workers", type=_whole(1, math.inf, "1 on"), default=1)
    return parser.parse_args()


def _host(text: str) -> str:
    try:
        # As sockets do, which refuse an empty label and one of 64 characters.
        if text.encode("idna"):
            return text
    except UnicodeError:
        pass
    raise argparse.ArgumentTypeError("takes a host name or an address")


def _whole(least: int, most: float, takes: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"takes a whole number from {takes}")
        return int(text)

    return read


def serve_workers(module: str, factory: str, **options: Any) -> int:
    """Serve what ``factory`` in ``module`` returns in processes of their own; return the exit code.

    That is uvicorn's for a start that failed where a worker could not start: others would fail the
    same way, and the caller of this process must know.
    """
    app = partial(_supervised, module, factory, os.getpid())
    config = Config(app, factory=True, **options)
    supervisor = Supervisor(config, sockets=[config.bind_socket()])
    supervisor.run()
    failed = any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
    return STARTUP_FAILURE if failed else 0


class Supervisor(Multiprocess):
    """Refuses clients while it ends, and sees at once that a worker has died."""

    def terminate_all(self) -> None:
        """Stop listening, and end every worker."""
        for each in self.sockets:
            each.close()
        super().terminate_all()

    def keep_subprocess_alive(self) -> None:
        """Replace every worker that has died or does not answer."""
        for each in self.processes:
            # This end is the worker's. While it is open here too, a question to a worker that dies
            # before it answers waits as long as an answer may take.
            each.child_conn.close()
        super().keep_subprocess_alive()


def _supervised(module: str, factory: str, supervisor: int) -> Any:
    """Return the application of a worker, which ends when its supervisor has gone."""

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    return getattr(import_module(module), factory)()

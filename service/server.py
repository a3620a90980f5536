"""A process that serves an application built from the environment."""

import argparse
import logging
import os
import secrets
import signal
import sys
from contextlib import suppress
from typing import Literal, TextIO, cast

import structlog
import uvicorn

from service.config import ConfigurationError, load_settings

DRAIN_S = 10
# Longer than a load balancer's usual idle time, so that the client side closes first.
KEEP_ALIVE_S = 75


class Log:
    """A text stream that drops what it cannot write.

    Whoever logs is in the middle of something: a full disk or a reader that went away must not
    fail a request, or end the task that renews the lease.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write a line, or not."""
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        """Send on what was written, or not."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def serve(
    module: str,
    factory: str,
    *,
    loop: Literal["auto", "asyncio"] = "auto",
    http: Literal["auto", "h11"] = "auto",
) -> int:
    """Serve what ``factory`` in ``module`` returns, as the command line says; return the exit code.

    ``loop`` and ``http`` are uvicorn's: ``auto`` takes uvloop and httptools.
    Ends on SIGTERM or SIGINT after draining, and with 2 at once for a wrong setting.
    """
    parser = argparse.ArgumentParser(
        prog="python -m " + module.removesuffix(".app"), description="The todo service."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    try:
        settings = load_settings()
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - before logging exists
        return 2
    if not settings.jwt_secret.get_secret_value():
        # Development only. Set before the workers start, so that they share it.
        os.environ["JWT_SECRET"] = secrets.token_urlsafe(48)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level]
        ),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Log(sys.stderr))),
    )
    # Uvicorn raises the signal once more after it has drained, which must not look like a crash.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        f"{module}:{factory}",
        factory=True,
        loop=loop,
        http=http,
        host=options.host,
        port=options.port,
        workers=options.workers,
        log_level=settings.log_level.lower(),
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    return 0

"""Start the service against given servers and wait until it is ready."""

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM

from benchmarks.stack.errors import EarlyExitError
from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process, launch, probe_http
from benchmarks.storage.usage import UsageError
from service.config import Settings

SERVICE_VARIABLES = frozenset(name.upper() for name in Settings.model_fields)
"""The environment variables that the service reads; it does so in any case."""

_WRONG_SETTING = 2


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service that answered ``/readyz``."""

    url: str
    process: Process


@contextmanager
def start_service(
    *,
    mongo_url: str,
    database: str,
    redis_url: str | None,
    log: Path,
    port: int | None = None,
    workers: int = 1,
    env: Mapping[str, str] | None = None,
    name: str = "service",
    module: str = "service",
) -> Iterator[Service]:
    """Run ``python -m module`` with the cache on if there is a ``redis_url``, and stop it after.

    It gets our environment without the settings of the service, then those settings that follow
    from the arguments and a fresh ``JWT_SECRET``, then ``env``, which has the last word. Without a
    ``port`` a free one is chosen. Raises ``UsageError`` when it refuses a setting, ``StackError``
    when it ends otherwise or its ``/readyz`` does not answer 200 in time, with its own words.
    """
    settings = _settings(mongo_url, database, redis_url) | dict(env or {})
    arguments = [sys.executable, "-m", module, "--host", HOST, "--workers", str(workers)]
    try:
        process, number = launch(
            name,
            arguments=lambda number: [*arguments, "--port", str(number)],
            probe=probe_http("/readyz", "/readyz"),
            log=log,
            port=port,
            env=without_settings(os.environ) | settings,
            # Only a supervisor that may tidy up ends its workers; one worker can simply go.
            death_signal=SIGKILL if workers == 1 else SIGTERM,
        )
    except EarlyExitError as error:
        if error.code != _WRONG_SETTING:
            raise
        raise UsageError(
            f"{name} refused a setting; correct it and start again:\n{error.tail}"
        ) from error
    with process:
        yield Service(url=f"http://{HOST}:{number}", process=process)


def _settings(mongo_url: str, database: str, redis_url: str | None) -> dict[str, str]:
    settings = {
        "MONGODB_URL": mongo_url,
        "MONGODB_DATABASE": database,
        "JWT_SECRET": secrets.token_urlsafe(48),
        "CACHE_ENABLED": "false" if redis_url is None else "true",
    }
    return settings if redis_url is None else settings | {"REDIS_URL": redis_url}


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the service's own variables."""
    return {name: value for name, value in environ.items() if name.upper() not in SERVICE_VARIABLES}

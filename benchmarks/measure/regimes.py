"""How slow the database is made: not at all, or by its own failpoint on every ``find``."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.errors import OperationFailure

from benchmarks.tools import Database

SERVICE_APP_NAME = "fivefold-service"
"""The name the service connects with; the delay hits nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A speed of the database. ``delay_ms`` is added to each find.

    An uncached read makes two at the same time, so it is how much longer a read takes; what makes
    them one after the other, as some rivals do on a miss, pays twice.
    """

    name: str
    description: str
    delay_ms: int


REGIMES: Mapping[str, Regime] = {
    regime.name: regime
    for regime in (
        Regime(name="native", description="the database as it is", delay_ms=0),
        Regime(
            name="50ms-per-request",
            description="50 ms on the two finds that a read makes at the same time",
            delay_ms=50,
        ),
        # The same load for a service that asks for both at once; kept apart because the starting
        # document leaves open which of the two its 50 ms are.
        Regime(name="50ms-per-query", description="50 ms on each find", delay_ms=50),
    )
}


class FailpointRefused(Exception):
    """The database does not let its finds be delayed; the message says why in one sentence."""


def reset_delay(admin: Database) -> None:
    """Take any delay away, also one that an earlier run left behind.

    Raises ``FailpointRefused``: a server that refuses this cannot inject a delay either.
    """
    _configure(admin, {"mode": "off"})


@contextmanager
def injected_delay(admin: Database, regime: Regime) -> Iterator[None]:
    """Delay the service's finds while the context is open; nothing happens for no delay.

    The delay is taken away on every way out. Raises ``FailpointRefused``.
    """
    if not regime.delay_ms:
        yield
        return
    try:
        _configure(
            admin,
            {
                "mode": "alwaysOn",
                "data": {
                    "failCommands": ["find"],
                    "blockConnection": True,
                    "blockTimeMS": regime.delay_ms,
                    "appName": SERVICE_APP_NAME,
                },
            },
        )
        yield
    finally:
        reset_delay(admin)


def _configure(admin: Database, settings: Mapping[str, Any]) -> None:
    try:
        admin.command({"configureFailPoint": "failCommand", **settings})
    except OperationFailure as error:
        raise FailpointRefused(
            "the database refuses the failCommand failpoint, so its finds cannot be delayed "
            f"(start it with test commands enabled): {_reason(error)}"
        ) from error


def _reason(error: OperationFailure) -> str:
    return str((error.details or {}).get("errmsg", error))

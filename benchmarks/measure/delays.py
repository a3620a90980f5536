"""Makes the servers slower: the database by its own failpoint, Redis by a proxy before it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from benchmarks.stack.dataset import Document
from benchmarks.stack.proxy import FaultProxy
from benchmarks.stack.relay import RelayMode
from benchmarks.storage.records import Regime

SERVICE_APP_NAME = "fivefold-service"
"""The name the service connects with; other clients of the database are not delayed."""


class FailpointRefused(Exception):
    """The database does not let its finds be delayed; the message says why in one sentence."""


def reset_delay(admin: Database[Document]) -> None:
    """Take any delay away, also one that an earlier run left behind.

    Raises ``FailpointRefused``: a server that refuses this cannot inject a delay either.
    """
    _configure(admin, {"mode": "off"})


@contextmanager
def injected_delay(admin: Database[Document], regime: Regime) -> Iterator[None]:
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


def _configure(admin: Database[Document], settings: Mapping[str, Any]) -> None:
    try:
        admin.command({"configureFailPoint": "failCommand", **settings})
    except OperationFailure as error:
        raise FailpointRefused(
            "the database refuses the failCommand failpoint, so its finds cannot be delayed "
            f"(start it with test commands enabled): {_reason(error)}"
        ) from error


def _reason(error: OperationFailure) -> str:
    return str((error.details or {}).get("errmsg", error))


def delay_round_trips(proxy: FaultProxy, round_trip_ms: float) -> None:
    """Delay every round trip through a proxy from now on, half of it each way."""
    mode = RelayMode.DELAY if round_trip_ms else RelayMode.NORMAL
    proxy.switch(mode, delay_ms=round_trip_ms / 2)

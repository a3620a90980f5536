"""The load that people watch: ``locust -f benchmarks/locustfile.py --cached URL --uncached URL``.

Or ``--host URL`` for one service. Name user classes to run them; without a name it is
``ReadMostly``. Locust does not show a locustfile's own options with ``--help``; they are those of
``benchmarks/load/locust/options.py``.
"""

from locust import events

from benchmarks.load.locust.options import add_options
from benchmarks.load.locust.users import (
    FiveRequests,
    HotKey,
    LatestFirst,
    OpenLoop,
    ReadMostly,
    ReadUniform,
    ReadZipf,
    UpdateHeavy,
    Updates,
    WarmReads,
)
from benchmarks.load.locust.wiring import wire

events.init_command_line_parser.add_listener(add_options)  # type: ignore[no-untyped-call]
events.init.add_listener(wire)  # type: ignore[no-untyped-call]

__all__ = [
    "FiveRequests",
    "HotKey",
    "LatestFirst",
    "OpenLoop",
    "ReadMostly",
    "ReadUniform",
    "ReadZipf",
    "UpdateHeavy",
    "Updates",
    "WarmReads",
]

"""The load that people watch: ``locust -f benchmarks/locustfile.py --cached URL --uncached URL``.

Or ``--host URL`` for one service. Name user classes to run them; without a name it is
``ReadMostly``. Locust does not show a locustfile's own options with ``--help``; they are those of
``benchmarks/load/locust/options.py``.
"""

from locust import events

from benchmarks.load.locust.options import add_options
from benchmarks.load.locust.users import OpenLoop, ScenarioUser
from benchmarks.load.locust.wiring import wire
from benchmarks.scenarios import LOAD_SCENARIOS

events.init_command_line_parser.add_listener(add_options)  # type: ignore[no-untyped-call]
events.init.add_listener(wire)  # type: ignore[no-untyped-call]

__all__ = ["OpenLoop"]


class ReadMostly(ScenarioUser):
    """95 % reads, 5 % writes; some accounts much more often than others."""

    scenario = LOAD_SCENARIOS["mostly-reads"]


class FiveRequests(ScenarioUser):
    """The claim itself: opens the list five times, the first time from a cold cache."""

    scenario = LOAD_SCENARIOS["session"]


class ReadZipf(ScenarioUser):
    """Reads only, of some accounts much more often than of others."""

    scenario = LOAD_SCENARIOS["zipf"]


class ReadUniform(ScenarioUser):
    """Reads only, of all accounts alike."""

    scenario = LOAD_SCENARIOS["uniform"]


class LatestFirst(ScenarioUser):
    """Reads mostly of those who wrote last."""

    scenario = LOAD_SCENARIOS["latest"]


class UpdateHeavy(ScenarioUser):
    """As many writes as reads."""

    scenario = LOAD_SCENARIOS["half-writes"]


class HotKey(ScenarioUser):
    """Everybody reads one list that now and then changes: a stampede after each write."""

    scenario = LOAD_SCENARIOS["hot-key"]


class WarmReads(ScenarioUser):
    """Reads that a cache can always answer."""

    scenario = LOAD_SCENARIOS["hits"]


class Updates(ScenarioUser):
    """Writes that each have something to invalidate."""

    scenario = LOAD_SCENARIOS["writes"]

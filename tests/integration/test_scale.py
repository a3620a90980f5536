"""``fivefold scale --measure`` finds out what operations cost on real processes."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest

from benchmarks.ports import RunningService
from benchmarks.scale import measure
from benchmarks.scale.question import named
from benchmarks.stack.redis import find_redis
from benchmarks.stack.service import start_service
from benchmarks.tools import Tools
from benchmarks.usage import UsageError
from tests.light_service import MODULE as LIGHT

FEW: Mapping[str, Any] = {
    "USERS": 4,
    "_HITS": 400,
    "_READS": 20,
    "_WRITES": 8,
    "_FLUSHES": 10,
    "_LOOKS": 200,
    "_IDLE_S": 0.1,
}


def start_light(**given: Any) -> AbstractContextManager[RunningService]:
    return start_service(**given | {"module": LIGHT})


@pytest.mark.servers
@pytest.mark.skipif(find_redis().kind == "fakeredis", reason="there is no real Redis here")
def test_the_costs_of_this_machine_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in FEW.items():
        monkeypatch.setattr(measure, name, few)

    costs, measured_on = measure.measure({}, Tools(start_service=start_light))

    # In steps of ten milliseconds: what is cheap may come out as nothing.
    assert all(cost >= 0 for cost in named(costs).values())
    assert costs.worker.read > costs.worker.hit
    assert costs.database.write > 0
    assert " and Redis " in measured_on


def test_the_processes_of_named_servers_are_not_ours_to_look_at() -> None:
    with pytest.raises(UsageError, match="unset REDIS_URL"):
        measure.measure({"REDIS_URL": "redis://elsewhere/"}, Tools())

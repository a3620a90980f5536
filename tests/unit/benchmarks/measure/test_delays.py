from contextlib import nullcontext

import pytest

from benchmarks.measure.delays import injected_delay
from benchmarks.measure.regimes import REGIMES
from tests.unit.benchmarks.fake_servers import FakeMongo


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_the_delay_is_there_inside_and_gone_after_also_after_an_exception(
    error: type[BaseException] | None,
) -> None:
    mongo, inside = FakeMongo(), []

    with (
        nullcontext() if error is None else pytest.raises(error),
        injected_delay(mongo.get_database("admin"), REGIMES["50ms-per-request"]),
    ):
        inside.append((mongo.delay_ms, *mongo.commands))
        if error is not None:
            raise error

    only_finds_of_the_service = {
        "failCommands": ["find"],
        "blockConnection": True,
        "blockTimeMS": 50,
        "appName": "fivefold-service",
    }
    command = {"configureFailPoint": "failCommand", "mode": "alwaysOn"}
    assert inside == [(50, command | {"data": only_finds_of_the_service})]
    assert mongo.delay_ms == 0

from contextlib import nullcontext

import pytest

from benchmarks.measure.delays import FailpointRefused, injected_delay, reset_delay
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


def test_the_native_regime_leaves_the_database_alone_until_it_is_reset() -> None:
    mongo = FakeMongo(test_commands=False)

    with injected_delay(mongo.get_database("admin"), REGIMES["native"]):
        pass

    assert mongo.commands == []
    # What an earlier run left is taken away.
    mongo = FakeMongo()
    mongo.delay_ms = 50
    reset_delay(mongo.get_database("admin"))
    assert mongo.delay_ms == 0


def test_a_refusal_is_one_sentence_with_the_reason() -> None:
    admin = FakeMongo(test_commands=False).get_database("admin")

    with pytest.raises(
        FailpointRefused, match=r"test commands enabled\): no such command"
    ) as refused:
        reset_delay(admin)

    assert "\n" not in str(refused.value)

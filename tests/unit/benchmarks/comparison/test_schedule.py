from benchmarks.comparison.compare import groups, slowed
from benchmarks.measure.regimes import REGIMES
from benchmarks.runner.options import CompareOptions
from benchmarks.scenarios import SCENARIOS
from benchmarks.stack.proxy import FaultProxy
from benchmarks.stack.relay import RelayMode
from tests.unit.benchmarks.fake_servers import FakeMongo


def test_parts_that_want_the_same_services_share_them() -> None:
    options = CompareOptions.from_profile("full")

    found = groups(options.cases)

    assert sum(len(group.cases) for group in found) == len(options.cases)
    assert found[0].is_usual
    assert sum(group.is_usual for group in found) == 1
    assert {(group.setting, group.far_redis) for group in found} == {
        (SCENARIOS[part.scenario].setting, REGIMES[part.regime].redis_delay_ms is not None)
        for part in options.cases
    }


def test_a_group_can_do_what_all_its_scenarios_ask_for() -> None:
    options = CompareOptions.from_profile(scenarios=["session", "writes"])

    [group] = groups(options.cases)

    assert set(group.actions) == {"list", "complete"}


def test_a_regime_is_as_slow_as_it_says_and_leaves_nothing_behind() -> None:
    mongo, proxy = FakeMongo(), RecordingProxy()
    admin = mongo.get_database("admin")

    with slowed(admin, proxy, REGIMES["redis+2ms"]):
        pass
    with slowed(admin, None, REGIMES["db+20ms"]):
        within = mongo.delay_ms

    assert proxy.said == [(RelayMode.DELAY, 1.0), (RelayMode.NORMAL, 0.0)]
    assert within == 20
    assert mongo.delay_ms == 0


class RecordingProxy(FaultProxy):
    def __init__(self) -> None:
        self.said: list[tuple[RelayMode, float]] = []

    def switch(self, mode: RelayMode, *, delay_ms: float = 0.0) -> None:  # type: ignore[override]
        self.said.append((mode, delay_ms))

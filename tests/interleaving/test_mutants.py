"""Every rule of the protocol is needed in the code as well: broken, a read is stale.

M7 and M9 are mutants of the double of the cache: that the Redis adapter binds its connections and
puts the namespace into its keys is for the tests over a real server. That the scripts do what the
double does is as well. M13 to M16, what this implementation adds, and R2, an unacknowledged write
that lands late, are for ``tests/model``.
"""

import pytest

from tests.interleaving import directed, mutants, scenarios
from tests.interleaving.deployment import Code
from tests.interleaving.scenarios import InterleavedScenario
from tests.model.ledger import Ledger

SEARCHED = {
    "M1 a fill is a plain SET": InterleavedScenario(
        warm=False, readers=(1, 1), linear=False, code=Code(cache=mutants.PlainFill)
    ),
    "M2 no mark before the commit": InterleavedScenario(
        faults=1, kinds=("lost",), code=Code(writes=mutants.NoMark)
    ),
    "M3 a failed invalidation is ignored": InterleavedScenario(
        scenarios.outage, linear=False, code=Code(writes=mutants.Careless)
    ),
    "M4 the fence closes, no write waits": InterleavedScenario(
        scenarios.outage, linear=False, code=Code(lease=mutants.Impatient)
    ),
    "M6 a commit without a lease": InterleavedScenario(
        unleased=frozenset({0}), code=Code(writes=mutants.Unleased)
    ),
    "M7 connections are not bound to a run": InterleavedScenario(
        scenarios.restart, linear=False, code=Code(cache=mutants.AnyRun)
    ),
    "A18 a reader joins a database read that began before it": InterleavedScenario(
        warm=False, readers=(1, 1), linear=False, code=Code(repository=mutants.Joins)
    ),
}
DIRECTED: dict[str, tuple[directed.Scenario, Code]] = {
    "M5 opened again without arming": (
        directed.writer_believes_off,
        Code(monitor=mutants.NoArm),
    ),
    "M8 a mark that worked excuses a failed clear": (
        directed.clear_is_lost_after_its_mark,
        Code(writes=mutants.MarkIsEnough),
    ),
    "M9 the namespace is not part of the key": (
        directed.value_survives_an_outage,
        Code(cache=mutants.OneNamespace),
    ),
    "M10 settled with the fence of the beginning": (
        directed.write_outlives_its_namespace,
        Code(writes=mutants.AsItBegan),
    ),
    "M11 opened without waiting": (
        directed.writer_believes_off,
        Code(monitor=mutants.OpensAtOnce),
    ),
    "M12 armed without waiting": (
        directed.writer_meets_an_armed_namespace,
        Code(monitor=mutants.ArmsAtOnce),
    ),
}


@pytest.mark.parametrize("name", SEARCHED)
def test_some_schedule_kills(name: str, ledger: Ledger) -> None:
    verdict = SEARCHED[name].run()
    ledger.append(f"killed after {verdict.runs} runs  {name}: {verdict}")

    assert verdict.violation


@pytest.mark.parametrize("name", DIRECTED)
def test_chosen_steps_kill(name: str, ledger: Ledger) -> None:
    scenario, code = DIRECTED[name]
    description = scenario(code)
    ledger.append(f"killed by chosen steps  {name}: {description}")

    assert description

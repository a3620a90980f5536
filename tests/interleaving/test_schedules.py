"""One writer, two readers and one mishap over the shipped code, in every order.

Where the fence moves there are many more orders, because time passes and everybody looks at the
clock; where one reader stands for two, the model covers two.
"""

import pytest

from tests.interleaving import scenarios
from tests.interleaving.deployment import InterleavedDeployment
from tests.interleaving.scenarios import InterleavedScenario
from tests.interleaving.scheduler import Scheduler
from tests.interleaving.search import every_schedule
from tests.model.ledger import Ledger

SCENARIOS = {
    "nothing goes wrong": InterleavedScenario(),
    "nothing goes wrong, and nothing is cached": InterleavedScenario(warm=False),
    "one command fails": InterleavedScenario(faults=1, readers=(1,)),
    "one command fails, one reader, nothing is cached": InterleavedScenario(
        faults=1, readers=(1,), warm=False
    ),
    "values are evicted": InterleavedScenario(scenarios.eviction),
    "values and tokens are evicted, nothing is cached": InterleavedScenario(
        scenarios.eviction, warm=False, readers=(1, 1)
    ),
    "values become garbage": InterleavedScenario(scenarios.garbage, readers=(1, 1)),
    "the server refuses for a while": InterleavedScenario(scenarios.outage),
    "the server hangs, then executes what it was sent": InterleavedScenario(
        scenarios.hang, readers=(1,)
    ),
    "the server restarts from an old dump": InterleavedScenario(scenarios.restart),
    "the writer dies": InterleavedScenario(scenarios.death),
    "every lease runs out": InterleavedScenario(scenarios.lease_end),
    "the operator drops the namespace": InterleavedScenario(scenarios.operator_drops, readers=(1,)),
    "the operator turns reads off": InterleavedScenario(scenarios.operator_turns_off, readers=(1,)),
    "the operator turns reads on": InterleavedScenario(
        scenarios.operator_turns_on, readers=(1,), enabled=False
    ),
    "the writer has no lease yet": InterleavedScenario(
        unleased=frozenset({0}), readers=(1,), faults=1, kinds=("half",)
    ),
    "the database answers the writer slower than a lease lasts": InterleavedScenario(
        scenarios.lease_end, readers=(1,), slow=frozenset({0}), unleased=frozenset({0})
    ),
    "the writer has no Redis": InterleavedScenario(readers=(1, 1), without_redis=frozenset({0})),
    "the server loses everything, marks as well": InterleavedScenario(
        scenarios.flush, linear=False
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_stale_is_read_in_any_order_when(name: str, ledger: Ledger) -> None:
    verdict = SCENARIOS[name].run()
    promise = "G2" if SCENARIOS[name].linear else "G1"
    ledger.append(f"{promise} safe   {verdict.runs:6d} runs  {name}")

    assert not verdict.violation, verdict


@pytest.mark.parametrize("warm", [True, False])
def test_leaving_out_equivalent_schedules_loses_no_outcome(*, warm: bool, ledger: Ledger) -> None:
    outcomes: dict[bool, set[tuple[str, ...]]] = {}
    schedules = {}
    for reduced in (False, True):
        seen: list[InterleavedDeployment] = []
        outcomes[reduced] = set()

        def scenario(scheduler: Scheduler, seen: list[InterleavedDeployment] = seen) -> None:
            deployment = InterleavedDeployment(scheduler)
            if warm:
                deployment.warm()
            process = deployment.process()
            deployment.writer("W", process)
            deployment.reader("R", process)
            deployment.happens("eviction", deployment.server.forget)
            scheduler.shared.append(lambda: tuple(deployment.history.events))
            seen[:] = [deployment]

        def note(
            into: set[tuple[str, ...]] = outcomes[reduced], seen: list[InterleavedDeployment] = seen
        ) -> None:
            into.add(tuple(seen[0].history.events))

        schedules[reduced] = every_schedule(scenario, reduced=reduced, at_end=note).schedules
    ledger.append(f"{schedules[True]} of {schedules[False]} schedules have the same outcomes")

    assert schedules[True] < schedules[False]
    assert outcomes[True] == outcomes[False]

"""One writer, two readers and one mishap over the shipped code, in every order.

Where the fence moves there are many more orders, because time passes and everybody looks at the
clock; where one reader stands for two, the model covers two.
"""

import pytest

from service.coherence.lease import Lease
from tests.interleaving import mutants, scenarios
from tests.interleaving.deployment import Code, InterleavedDeployment
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
    "the operator turns reads off": InterleavedScenario(
        scenarios.operator_switches(enabled=False), readers=(1,)
    ),
    "the operator turns reads on": InterleavedScenario(
        scenarios.operator_switches(enabled=True), readers=(1,), enabled=False
    ),
    "the writer has no lease yet": InterleavedScenario(unleased=frozenset({0})),
    "the writer has no lease yet, and a command is not answered": InterleavedScenario(
        unleased=frozenset({0}), readers=(1,), faults=1, kinds=("half",)
    ),
    "the database answers the writer slower than a lease lasts": InterleavedScenario(
        scenarios.lease_end, readers=(1,), slow=frozenset({0}), unleased=frozenset({0})
    ),
    "the writer has no Redis": InterleavedScenario(readers=(1, 1), without_redis=frozenset({0})),
    "the server loses everything, marks as well": InterleavedScenario(
        scenarios.flush, linear=False
    ),
    "the server loses everything, and a command fails": InterleavedScenario(
        scenarios.flush,
        readers=(1,),
        times=2,
        warm=False,
        faults=1,
        kinds=("lost",),
        linear=False,
    ),
    "the server refuses for a while, and another namespace is opened": InterleavedScenario(
        scenarios.outage_that_closes, readers=(1,), linear=False
    ),
    "the namespace changes under a write": InterleavedScenario(
        scenarios.namespace_change, readers=(1,), times=2, warm=False, linear=False
    ),
    "a closed fence opens": InterleavedScenario(
        scenarios.recovery, readers=(1,), times=2, warm=False, linear=False
    ),
    "a fence is seen that was closed a moment ago": InterleavedScenario(
        scenarios.recovery_at_once, readers=(1,), unleased=frozenset({0})
    ),
}
RESIDUAL = {
    "G1, R3: the fence is removed under running processes": InterleavedScenario(
        scenarios.fence_removal,
        readers=(1,),
        times=2,
        warm=False,
        unleased=frozenset({1}),
        linear=False,
    ),
    "G2, R1: a mark is lost while its write is in flight": InterleavedScenario(
        scenarios.flush, readers=(1, 2, 1), warm=False, without_redis=frozenset({2})
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_stale_is_read_in_any_order_when(name: str, ledger: Ledger) -> None:
    verdict = SCENARIOS[name].run()
    promise = "G2" if SCENARIOS[name].linear else "G1"
    ledger.append(f"{promise} safe   {verdict.runs:6d} runs  {name}")

    assert not verdict.violation, verdict


@pytest.mark.parametrize("risk", RESIDUAL)
def test_what_is_not_promised_happens_as_stated(risk: str, ledger: Ledger) -> None:
    verdict = RESIDUAL[risk].run()
    ledger.append(f"broken as stated  {risk}: {verdict}")

    assert verdict.violation


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


@pytest.mark.parametrize(("lease", "sound"), [(Lease, True), (mutants.CountsFromAnswer, False)])
def test_no_order_of_answers_makes_a_lease_outlive_its_version(
    lease: type[Lease], *, sound: bool
) -> None:
    deployments: list[InterleavedDeployment] = []
    excess_s = []

    def scenario(scheduler: Scheduler) -> None:
        deployment = InterleavedDeployment(scheduler, Code(lease=lease))
        asking, moving = deployment.process(leased=False, slow=True), deployment.process()
        old = deployment.document.fence
        assert old is not None
        for name in ("A", "B"):
            deployment.does(name, asking.lease.renew)
        deployment.does("M", lambda: moving.lease.compare_and_set(old, old.switched(enabled=False)))
        deployment.happens("time", *[deployment.moment(0.2)] * 2)
        deployments[:] = [deployment]

    def note() -> None:
        held, document = deployments[0].processes[0].lease, deployments[0].document
        assert held._fence is not None
        replaced_at = document.replaced_at.get(held._fence.seq)
        if replaced_at is not None:
            excess_s.append(held._valid_until - replaced_at - held.timing.lease_s)

    every_schedule(scenario, at_end=note)

    assert (max(excess_s) <= 0) is sound

"""The shipped code in the scenarios that need recovery, and what it does not promise."""

import pytest

from service.coherence.lease import Lease
from tests.interleaving import directed, mutants
from tests.interleaving.deployment import Code, InterleavedDeployment
from tests.interleaving.scheduler import Scheduler
from tests.interleaving.search import every_schedule
from tests.model.ledger import Ledger

SAFE = [
    directed.writer_believes_off,
    directed.writer_meets_an_armed_namespace,
    directed.clear_is_lost_after_its_mark,
    directed.value_survives_an_outage,
    directed.write_outlives_its_namespace,
    directed.server_restarts_from_a_dump,
    directed.slow_writer_believes_off,
]
RESIDUAL = {
    "G1, R3": directed.fence_is_removed_under_a_running_fleet,
    "G2, R1": directed.mark_is_lost,
}


@pytest.mark.parametrize("scenario", SAFE, ids=lambda scenario: scenario.__name__)
def test_the_code_keeps_its_promise_when(scenario: directed.Scenario) -> None:
    assert scenario(Code()) == ""


@pytest.mark.parametrize("risk", RESIDUAL)
def test_what_is_not_promised_happens_as_stated(risk: str, ledger: Ledger) -> None:
    description = RESIDUAL[risk](Code())
    ledger.append(f"broken as stated  {risk}: {description}")

    assert description


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

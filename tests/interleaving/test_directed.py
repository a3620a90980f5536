"""The shipped code in the scenarios that need recovery, and what it does not promise."""

import pytest

from service.coherence.fence import State
from service.coherence.lease import Lease
from tests.interleaving import directed, mutants
from tests.interleaving.deployment import Code, InterleavedDeployment
from tests.interleaving.driver import driving
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


def test_the_fence_stays_closed_while_a_process_without_redis_is_at_work() -> None:
    with driving() as driver:
        deployment, deadline_s = driver.deployment, driver.deployment.timing.write_deadline_s
        directed.begin_closed(driver)
        absent, recovering = deployment.process(with_redis=False), deployment.process()
        states = set()
        for _ in range(20):
            deployment.does("P", absent.store.pin)
            driver.all_of("P")
            states.add(driver.recover(recovering))
            driver.wait(deadline_s - 1)
            states.add(driver.recover(recovering))
        driver.wait(deadline_s)

        assert states == {State.OFF}
        assert driver.recover(recovering) is State.ARM


def test_what_was_written_while_reads_were_off_is_read_when_they_are_on_again() -> None:
    with driving() as driver:
        deployment = driver.deployment
        deployment.warm()
        writing, reading = deployment.process(), deployment.process()
        deployment.does("O", lambda: reading.control.switch(enabled=False))
        driver.to_the_end("O")
        driver.read("R0", reading)
        driver.write("W", writing)
        deployment.does("O", lambda: reading.control.switch(enabled=True))
        driver.to_the_end("O")
        driver.read("R1", reading)
        driver.read("R2", reading)

        assert deployment.history.events[-2:] == ["R1 1 of 1", "R2 1 of 1"]


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

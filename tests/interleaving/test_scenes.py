"""The shipped code in the scenes that need healing, and what it does not promise."""

from collections.abc import Callable

import pytest

from service.coherence.fence import State
from service.coherence.lease import Lease
from tests.interleaving import mutants, scenes
from tests.interleaving.cast import Code, Deployment
from tests.interleaving.director import directing
from tests.interleaving.search import every_schedule
from tests.interleaving.stage import Stage
from tests.model.ledger import Ledger

SCENES = [
    scenes.writer_believes_off,
    scenes.writer_meets_an_armed_namespace,
    scenes.clear_is_lost_after_its_mark,
    scenes.value_survives_an_outage,
    scenes.write_outlives_its_namespace,
    scenes.server_restarts_from_a_dump,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_code_keeps_its_promise_when(scene: Callable[[Code], str]) -> None:
    assert scene(Code()) == ""


def test_a_writer_that_waited_does_not_commit_unmarked_into_an_open_namespace() -> None:
    told = scenes.slow_writer_believes_off(Code())

    assert told == ""


def test_a_fence_removed_under_running_processes_breaks_g1_as_the_residual_r3_says(
    ledger: Ledger,
) -> None:
    told = scenes.fence_is_removed_under_a_running_fleet(Code())
    ledger.note(f"G1 broken  R3 as stated: {told}")

    assert told


def test_a_lost_mark_lets_reads_go_backwards_as_the_residual_r1_says(ledger: Ledger) -> None:
    told = scenes.mark_is_lost(Code())
    ledger.note(f"G2 broken  R1 as stated: {told}")

    assert told


def test_the_fence_stays_closed_while_a_process_without_redis_is_at_work() -> None:
    with directing() as director:
        deployment, deadline_s = director.deployment, director.deployment.timing.write_deadline_s
        scenes.begin_closed(director)
        absent, healing = deployment.process(with_redis=False), deployment.process()
        states = set()
        for _ in range(20):
            deployment.does("P", absent.store.pin)
            director.all_of("P")
            states.add(director.heal(healing))
            director.wait(deadline_s - 1)
            states.add(director.heal(healing))
        director.wait(deadline_s)

        assert states == {State.OFF}
        assert director.heal(healing) is State.ARM


def test_what_was_written_while_reads_were_off_is_read_when_they_are_on_again() -> None:
    with directing() as director:
        deployment = director.deployment
        deployment.warm()
        writing, reading = deployment.process(), deployment.process()
        deployment.does("O", lambda: reading.control.switch(enabled=False))
        director.to_the_end("O")
        director.read("R0", reading)
        director.write("W", writing)
        deployment.does("O", lambda: reading.control.switch(enabled=True))
        director.to_the_end("O")
        director.read("R1", reading)
        director.read("R2", reading)

        assert deployment.history.events[-2:] == ["R1 1 of 1", "R2 1 of 1"]


@pytest.mark.parametrize(("lease", "sound"), [(Lease, True), (mutants.CountsFromAnswer, False)])
def test_no_order_of_answers_makes_a_lease_outlive_its_version(
    lease: type[Lease], *, sound: bool
) -> None:
    deployments: list[Deployment] = []
    excess_s = []

    def play(stage: Stage) -> None:
        deployment = Deployment(stage, Code(lease=lease))
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

    every_schedule(play, at_end=note)

    assert (max(excess_s) <= 0) is sound

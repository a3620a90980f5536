"""Copies in a process: every order of the shipped code, and of the code with a rule broken.

The clock stands still but where the writer waits, so a copy lives as long as nothing makes it end.
A reader of another process reads beside one that copies only with ``SCHEDULES_PROFILE=long``.
"""

import pytest

from tests.interleaving import mutants, plays, scenes
from tests.interleaving.cast import Code
from tests.interleaving.copies import SlowAnswers
from tests.interleaving.plays import Play
from tests.model.ledger import Ledger

P1 = frozenset({1})
PLAYS = {
    "somebody reads twice": Play(local=P1, readers=(1,), times=2),
    "a copy, and a reader of another process": Play(
        local=P1, readers=(1, 0) if plays.LONG else (0,), copied=True
    ),
    "a copy, and a failing command": Play(local=P1, readers=(1,), copied=True, faults=1),
    "a copy, and the server refuses for a while": Play(
        plays.outage, local=P1, readers=(1,), copied=True
    ),
    "a copy, and the writer dies": Play(plays.death, local=P1, readers=(1,), copied=True),
    "a copy, and the operator drops the namespace": Play(
        plays.operator_drops, local=P1, readers=(1,), copied=True
    ),
}
G1_ONLY = {
    "a copy, and the server loses everything": Play(
        plays.flush, local=P1, readers=(1,), copied=True, linear=False
    ),
}
MUTANTS = {
    "L1 a writer does not wait": Play(
        local=P1, readers=(1, 1), linear=False, code=Code(lease=mutants.IgnoresCopies)
    ),
    "L2 it waits only before the acknowledgement": Play(
        local=P1, readers=(1, 0), copied=True, code=Code(lease=mutants.OutlastsOnlyAtTheEnd)
    ),
}


@pytest.mark.parametrize("name", PLAYS)
def test_reads_never_go_backwards_with_copies_and(name: str, ledger: Ledger) -> None:
    verdict = PLAYS[name].run()
    ledger.note(f"G2 safe   {verdict.schedules:6d} schedules  copies: {name}")

    assert not verdict.violation, verdict


@pytest.mark.parametrize("name", G1_ONLY)
def test_an_acknowledged_write_is_seen_with_copies_when(name: str, ledger: Ledger) -> None:
    verdict = G1_ONLY[name].run()
    ledger.note(f"G1 safe   {verdict.schedules:6d} schedules  copies: {name}")

    assert not verdict.violation, verdict


@pytest.mark.parametrize("name", MUTANTS)
def test_some_schedule_kills(name: str, ledger: Ledger) -> None:
    verdict = MUTANTS[name].run()
    ledger.note(f"killed after {verdict.schedules} schedules  {name}: {verdict}")

    assert verdict.violation


def test_waiting_only_before_the_acknowledgement_keeps_g1(ledger: Ledger) -> None:
    code = Code(lease=mutants.OutlastsOnlyAtTheEnd)
    verdict = Play(local=P1, readers=(1, 0), copied=True, linear=False, code=code).run()
    ledger.note(f"G1 safe   {verdict.schedules:6d} schedules  L2 it waits only before it")

    assert not verdict.violation, verdict


SCENES = {
    "L3 it waits only before the commit": (
        scenes.mark_is_lost_and_what_was_filled_is_copied,
        Code(),
        Code(lease=mutants.OutlastsOnlyBefore),
    ),
    "L4 a copy counts from the answer": (
        scenes.answer_is_heard_late,
        Code(cache=SlowAnswers),
        Code(cache=SlowAnswers, copies=mutants.CopiesFromAnswer),
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_kills_and_the_code_passes_it(name: str, ledger: Ledger) -> None:
    scene, code, mutant = SCENES[name]
    told = scene(mutant)
    ledger.note(f"killed by a scene  {name}: {told}")

    assert told
    assert not scene(code)

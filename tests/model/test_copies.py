"""Copies in a process keep the promise, and need every rule that they come with.

Two searches have another reader, or one more move of the fence, only with ``MODEL_PROFILE=long``.
"""

import os

import pytest

from tests.model.ledger import Ledger
from tests.model.rules import Setup, without
from tests.model.search import search
from tests.model.state import Budget

_LONG = os.environ.get("MODEL_PROFILE") == "long"
P1 = frozenset({1})
BEFORE_COMMIT = "outlasts_copies_before_commit"
BEFORE_ACK = "outlasts_copies_before_acknowledging"


def setup(**bounds: object) -> Setup:
    """Return a search in which one process copies and another writes."""
    return Setup(**({"readers": (1, 1), "copying": P1, "max_seq": 0} | bounds))  # type: ignore[arg-type]


G2 = {
    "two readers of a process that copies, one of another": setup(readers=(1, 1, 0)),
    "three readers of a process that copies": setup(readers=(1, 1, 1)),
    "the writer's process copies, another as well": setup(
        readers=(0, 1, 1), copying=frozenset({0, 1})
    ),
    "a process begins to copy": setup(
        readers=(1, 1, 0) if _LONG else (1, 1), copied=False, max_seq=1
    ),
    "a failing command": setup(budget=Budget(faults=1), max_seq=4 if _LONG else 3),
    "a restart from a dump": setup(budget=Budget(restarts=1), max_seq=1),
    "two writers": setup(writers=(0, 1)),
    "the operator turns reads off and on": setup(budget=Budget(flips=2), max_seq=2),
    "the operator drops the namespace": setup(readers=(1, 1, 0), budget=Budget(drops=1), max_seq=1),
    "it comes back, and is copied from again": setup(budget=Budget(drops=1), max_seq=4),
    "a process begins to copy, the operator drops": setup(
        copied=False, budget=Budget(drops=1), max_seq=2
    ),
    "a process without Redis writes": setup(readers=(1, 1, 1), without_redis=frozenset({0})),
}
G1 = {
    "a mark is lost": setup(readers=(1, 1, 1), budget=Budget(evictions=1), linear=False),
    "a mark is lost, a command fails": setup(
        budget=Budget(evictions=1, faults=1), max_seq=1, linear=False
    ),
    "a mark is lost, a commit lands late": setup(
        budget=Budget(evictions=1, crashes=1), late_commit=True, linear=False
    ),
}
MUTANTS = {
    "L1 a writer does not wait": ((BEFORE_COMMIT, BEFORE_ACK), setup(linear=False)),
    "L2 it waits only before the acknowledgement": (
        (BEFORE_COMMIT,),
        setup(readers=(1, 1, 0)),
    ),
    "L3 it waits only before the commit": (
        (BEFORE_ACK,),
        setup(readers=(1, 1, 1), budget=Budget(evictions=1), linear=False),
    ),
    "L4 a copy counts from the answer": (
        ("copies_count_from_question",),
        setup(linear=False),
    ),
    "L5 copies are used where no writer waits": (
        ("copies_where_writers_wait",),
        setup(copied=False, linear=False),
    ),
    "L6 copies are used at once, without the grace": (
        ("copies_after_grace",),
        setup(copied=False, max_seq=1, linear=False),
    ),
    "L7 a writer waits as the fence said before its mark": (
        ("looks_at_fence_after_command",),
        setup(readers=(1, 1, 0), copied=False, max_seq=1),
    ),
    "L8 closing the fence ends the waiting": (
        ("namespace_keeps_its_wait",),
        setup(readers=(1, 1, 0), budget=Budget(drops=1), max_seq=1),
    ),
    "L9 copies are used without a lease": (
        ("copies_need_a_lease",),
        setup(budget=Budget(faults=1), max_seq=1, linear=False),
    ),
}


@pytest.mark.parametrize("name", G2)
def test_reads_never_go_backwards_with_copies_and(name: str, ledger: Ledger) -> None:
    outcome = search(G2[name])
    ledger.note(f"G2 safe   {outcome.states:7d} states  copies: {name}")

    assert outcome.safe, outcome.trace


@pytest.mark.parametrize("name", G1)
def test_an_acknowledged_write_is_seen_with_copies_when(name: str, ledger: Ledger) -> None:
    outcome = search(G1[name])
    ledger.note(f"G1 safe   {outcome.states:7d} states  copies: {name}")

    assert outcome.safe, outcome.trace


@pytest.mark.parametrize("name", MUTANTS)
def test_the_search_kills(name: str, ledger: Ledger) -> None:
    rules, bounds = MUTANTS[name]
    outcome = search(bounds, without(*rules))
    promise = "G2" if bounds.linear else "G1"
    ledger.note(
        f"{promise} killed {outcome.states:7d} states  {name}: {len(outcome.trace)} steps, "
        f"{outcome.trace[-1] if outcome.trace else 'SURVIVED'}"
    )

    assert not outcome.safe


def test_waiting_only_before_the_acknowledgement_keeps_g1(ledger: Ledger) -> None:
    outcome = search(setup(readers=(1, 1, 0), linear=False), without(BEFORE_COMMIT))
    ledger.note(f"G1 safe   {outcome.states:7d} states  L2 it waits only before it")

    assert outcome.safe, outcome.trace


def test_waiting_only_before_the_commit_is_enough_while_no_mark_is_lost(ledger: Ledger) -> None:
    outcome = search(setup(readers=(1, 1, 0)), without(BEFORE_ACK))
    ledger.note(f"G2 safe   {outcome.states:7d} states  L3 while no mark is lost")

    assert outcome.safe, outcome.trace

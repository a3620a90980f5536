"""The protocol keeps its promise in every state within these bounds, and no more than it."""

from dataclasses import replace

import pytest

from tests.model.ledger import Ledger
from tests.model.rules import Setup
from tests.model.search import search
from tests.model.state import Budget

SAFE = {
    "one writer, two readers, a failing command": Setup(budget=Budget(faults=1)),
    "one writer, two readers, a restart from a dump": Setup(budget=Budget(restarts=1)),
    "two writers, one reader, a failing command": Setup(
        writers=(0, 1), readers=(1,), budget=Budget(faults=1), max_seq=2
    ),
    "the operator turns reads off and on": Setup(budget=Budget(flips=2), max_seq=3),
    "the operator drops the namespace, it comes back": Setup(
        readers=(1, 1), budget=Budget(drops=1), max_seq=3
    ),
    "a process without Redis writes": Setup(
        writers=(1,), readers=(0, 0, 0), without_redis=frozenset({1}), max_seq=3
    ),
    "a database gets its first fence": Setup(born=False),
    "the same beside a process without Redis": Setup(
        writers=(1,), readers=(0, 0), without_redis=frozenset({1}), born=False
    ),
    "a database slower than a lease, the namespace is dropped and comes back": Setup(
        slow=True, readers=(1, 1, 1), budget=Budget(drops=1), max_seq=3
    ),
    "a database slower than a lease, a failing command": Setup(
        slow=True, budget=Budget(faults=1), max_seq=2
    ),
    # The rest may let reads go backwards.
    "two writers slower than the deadline, a failing command": Setup(
        writers=(0, 1),
        readers=(1,),
        budget=Budget(faults=1),
        max_seq=3,
        deadline=False,
        linear=False,
    ),
    "a slow writer, failing commands, an eviction": Setup(
        readers=(1, 1),
        budget=Budget(faults=1, evictions=1),
        max_seq=2,
        deadline=False,
        linear=False,
    ),
    "a restart from a dump, a crash, a commit that lands late": Setup(
        budget=Budget(restarts=1, crashes=1),
        max_seq=3,
        deadline=False,
        late_commit=True,
        linear=False,
    ),
    "writers with and without Redis at once": Setup(
        writers=(1, 0), readers=(0,), without_redis=frozenset({1}), max_seq=3, linear=False
    ),
    "somebody removes the fence under running processes": Setup(
        readers=(1, 1), budget=Budget(removals=1), linear=False
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_the_protocol_keeps_its_promise(name: str, ledger: Ledger) -> None:
    outcome = search(SAFE[name])
    promise = "G2" if SAFE[name].linear else "G1"
    ledger.append(f"{promise} safe   {outcome.states:7d} states  {name}")

    assert outcome.safe, outcome.trace


RESIDUALS = {
    "R1 a mark is lost while its write is in flight": Setup(
        readers=(0, 1, 1), budget=Budget(evictions=1), max_seq=0
    ),
    "R2 a write that nobody acknowledged lands after its mark": Setup(
        readers=(0, 1, 1), budget=Budget(evictions=1, crashes=1), late_commit=True, max_seq=0
    ),
    "R2 the same after the fence was closed and opened": Setup(
        readers=(1, 1, 1), budget=Budget(drops=1, crashes=1), late_commit=True, max_seq=3
    ),
}


@pytest.mark.parametrize("name", RESIDUALS)
def test_reads_may_go_backwards_and_an_acknowledged_write_is_seen_even_then_when(
    name: str, ledger: Ledger
) -> None:
    backwards = search(RESIDUALS[name])
    seen = search(replace(RESIDUALS[name], linear=False, readers=(0, 1)))
    ledger.append(
        f"G2 broken {backwards.states:7d} states  {name}: {len(backwards.trace)} steps, as stated"
    )
    ledger.append(f"G1 safe   {seen.states:7d} states  {name}")

    assert not backwards.safe
    assert seen.safe, seen.trace

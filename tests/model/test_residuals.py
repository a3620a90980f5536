"""What is not promised does happen in the model, and G1 holds even then."""

from dataclasses import replace

import pytest

from tests.model.ledger import Ledger
from tests.model.rules import Setup
from tests.model.search import search
from tests.model.state import Budget

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
def test_reads_may_go_backwards_when(name: str, ledger: Ledger) -> None:
    outcome = search(RESIDUALS[name])
    ledger.note(
        f"G2 broken {outcome.states:7d} states  {name}: {len(outcome.trace)} steps, as stated"
    )

    assert not outcome.safe


@pytest.mark.parametrize("name", RESIDUALS)
def test_an_acknowledged_write_is_seen_even_when(name: str, ledger: Ledger) -> None:
    outcome = search(replace(RESIDUALS[name], linear=False, readers=(0, 1)))
    ledger.note(f"G1 safe   {outcome.states:7d} states  {name}")

    assert outcome.safe, outcome.trace

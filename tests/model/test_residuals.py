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

"""Every rule of the protocol is needed: without it the search finds a stale read.

M1 to M12 are the broken variants that every level of the proof is measured by; the others break
what this implementation adds to the protocol.
"""

import pytest

from tests.model.ledger import Ledger
from tests.model.rules import Setup, without
from tests.model.search import search
from tests.model.state import Budget

ONE_FAULT_G1 = Setup(budget=Budget(faults=1), linear=False)
MUTANTS = {
    "M1 a fill is a plain SET": (
        "token_decides_fill",
        Setup(warm=False, linear=False),
    ),
    "M2 no mark before the commit": ("marks_before_commit", Setup()),
    "M3 a failed invalidation is ignored": (
        "failure_closes_fence",
        Setup(budget=Budget(faults=2), linear=False),
    ),
    "M4 the fence closes, no write waits": ("waits_for_older_leases", ONE_FAULT_G1),
    "M5 opened again without arming": ("arms_before_opening", ONE_FAULT_G1),
    "M6 a commit without a lease": ("writes_under_lease", Setup()),
    "M7 connections are not bound to a run": (
        "bound_to_run",
        Setup(budget=Budget(restarts=1), linear=False),
    ),
    "M8 a mark that worked excuses a failed clear": (
        "mark_never_excuses_clear",
        Setup(budget=Budget(faults=1, evictions=1), linear=False),
    ),
    "M9 the namespace is not part of the key": ("namespace_in_key", ONE_FAULT_G1),
    "M10 settled with the fence of the beginning": (
        "settles_with_present_fence",
        Setup(readers=(1, 1), budget=Budget(drops=1), max_seq=3, deadline=False, linear=False),
    ),
    "M11 opened without waiting": ("open_waits", ONE_FAULT_G1),
    "M12 armed without waiting": (
        "arm_waits",
        Setup(writers=(0, 1), readers=(1,), budget=Budget(faults=1), max_seq=3, linear=False),
    ),
    "M13 after waiting nobody looks at the fence again": (
        "looks_again_after_waiting",
        Setup(readers=(1, 1, 1), budget=Budget(drops=1), max_seq=3),
    ),
    "M14 writers do not invalidate while reads are turned off": (
        "marks_while_disabled",
        Setup(budget=Budget(flips=2), max_seq=3, linear=False),
    ),
    "M15 a process without Redis ignores the fence": (
        "absent_closes_fence",
        Setup(writers=(1,), readers=(0,), without_redis=frozenset({1}), linear=False),
    ),
    "M16 a fence that was removed is made anew, open": (
        "remade_fence_is_closed",
        Setup(readers=(1, 1), budget=Budget(removals=1), linear=False),
    ),
    "M17 a commit has its whole time after a slow answer": (
        "commit_counts_from_question",
        Setup(slow=True, readers=(1, 1, 1), budget=Budget(drops=1), max_seq=3),
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_search_kills(name: str, ledger: Ledger) -> None:
    rule, setup = MUTANTS[name]
    outcome = search(setup, without(rule))
    promise = "G2" if setup.linear else "G1"
    ledger.append(
        f"{promise} killed {outcome.states:7d} states  {name}: {len(outcome.trace)} steps, "
        f"{outcome.trace[-1] if outcome.trace else 'SURVIVED'}"
    )

    assert not outcome.safe

"""One writer, two readers and one mishap over the shipped code, in every order.

Plays in which the fence moves have many more orders than the others, because time passes in them
and everybody looks at the clock; where one reader stands for two, the model covers two.
Four plays take a second reader only with ``SCHEDULES_PROFILE=long``: up to half a minute each.
"""

import pytest

from tests.interleaving import plays
from tests.interleaving.cast import Deployment
from tests.interleaving.plays import Play
from tests.interleaving.search import every_schedule
from tests.interleaving.stage import Stage
from tests.model.ledger import Ledger

_TWO_READERS = (1, 1) if plays.LONG else (1,)
_TWO_ANYWHERE = (0, 1) if plays.LONG else (1,)

PLAYS = {
    "nothing goes wrong": Play(),
    "nothing goes wrong, and nothing is cached": Play(warm=False),
    "one command fails": Play(faults=1, readers=_TWO_ANYWHERE),
    "one command fails, one reader, nothing is cached": Play(faults=1, readers=(1,), warm=False),
    "values are evicted": Play(plays.eviction),
    "values and tokens are evicted, nothing is cached": Play(
        plays.eviction, warm=False, readers=(1, 1)
    ),
    "values become garbage": Play(plays.garbage, readers=(1, 1)),
    "the server refuses for a while": Play(plays.outage),
    "the server hangs, then executes what it was sent": Play(plays.hang, readers=_TWO_READERS),
    "the server restarts from an old dump": Play(plays.restart),
    "the writer dies": Play(plays.death),
    "every lease runs out": Play(plays.lease_end),
    "the operator drops the namespace": Play(plays.operator_drops, readers=(1,)),
    "the operator turns reads off": Play(plays.operator_turns_off, readers=_TWO_READERS),
    "the operator turns reads on": Play(plays.operator_turns_on, readers=(1,), enabled=False),
    "the writer has no lease yet": Play(
        unleased=frozenset({0}), readers=_TWO_ANYWHERE, faults=1, kinds=("half",)
    ),
    "the writer has no Redis": Play(readers=(1, 1), without_redis=frozenset({0})),
}
G1_ONLY = {
    "the server loses everything, marks as well": Play(plays.flush, linear=False),
}


@pytest.mark.parametrize("name", PLAYS)
def test_reads_never_go_backwards_when(name: str, ledger: Ledger) -> None:
    verdict = PLAYS[name].run()
    ledger.note(f"G2 safe   {verdict.schedules:6d} schedules  {name}")

    assert not verdict.violation, verdict


@pytest.mark.parametrize("name", G1_ONLY)
def test_an_acknowledged_write_is_seen_when(name: str, ledger: Ledger) -> None:
    verdict = G1_ONLY[name].run()
    ledger.note(f"G1 safe   {verdict.schedules:6d} schedules  {name}")

    assert not verdict.violation, verdict


@pytest.mark.parametrize("warm", [True, False])
def test_leaving_out_equivalent_schedules_loses_no_outcome(*, warm: bool, ledger: Ledger) -> None:
    outcomes: dict[bool, set[tuple[str, ...]]] = {}
    schedules = {}
    for reduced in (False, True):
        seen: list[Deployment] = []
        outcomes[reduced] = set()

        def play(stage: Stage, seen: list[Deployment] = seen) -> None:
            deployment = Deployment(stage)
            if warm:
                deployment.warm()
            process = deployment.process()
            deployment.writer("W", process)
            deployment.reader("R", process)
            deployment.happens("eviction", deployment.server.forget)
            seen[:] = [deployment]

        def note(
            into: set[tuple[str, ...]] = outcomes[reduced], seen: list[Deployment] = seen
        ) -> None:
            into.add(tuple(seen[0].history.events))

        schedules[reduced] = every_schedule(play, reduced=reduced, at_end=note).schedules
    ledger.note(f"{schedules[True]} of {schedules[False]} schedules have the same outcomes")

    assert schedules[True] < schedules[False]
    assert outcomes[True] == outcomes[False]

"""Every rule of the protocol is needed in the code as well: broken, a read is stale.

========  =====================================================  =================================
mutant    what is broken                                         killed by
========  =====================================================  =================================
M1        a fill is a plain SET                                  every schedule, here
M2        no mark before the commit                              every schedule, here (G2)
M3        a failed invalidation is ignored                       every schedule, here
M4        the fence closes, nobody waits                         every schedule, here
M5        opened again without arming                            a directed scene, here
M6        a commit without a lease                               every schedule, here (G2)
M7        connections are not bound to a run                     every schedule, here
M8        a mark that worked excuses a failed clear              a directed scene, here
M9        the namespace is not part of the key                   a directed scene, here
M10       settled with the fence of the beginning                a directed scene, here
M11       opened without waiting                                 a directed scene, here
M12       armed without waiting                                  a directed scene, here
A18       a reader joins a database read that began before it    every schedule, here
M13-M16   what this implementation adds                          ``tests/model/test_mutants.py``
R2        an unacknowledged write lands late                     ``tests/model/test_residuals.py``
========  =====================================================  =================================

M7 and M9 are mutants of the double of the cache: that the Redis adapter binds its connections and
puts the namespace into its keys is for the tests over a real server. That the scripts do what the
double does is as well.
"""

from collections.abc import Callable

import pytest

from tests.interleaving import mutants, plays, scenes
from tests.interleaving.cast import Code
from tests.interleaving.plays import Play
from tests.model.ledger import Ledger

SEARCHED = {
    "M1 a fill is a plain SET": Play(
        warm=False, readers=(1, 1), linear=False, code=Code(cache=mutants.PlainFill)
    ),
    "M2 no mark before the commit": Play(
        faults=1, kinds=("lost",), code=Code(writes=mutants.NoMark)
    ),
    "M3 a failed invalidation is ignored": Play(
        plays.outage, linear=False, code=Code(writes=mutants.Careless)
    ),
    "M4 the fence closes, nobody waits": Play(
        plays.outage, linear=False, code=Code(lease=mutants.Impatient)
    ),
    "M6 a commit without a lease": Play(
        unleased=frozenset({0}), code=Code(writes=mutants.Unleased)
    ),
    "M7 connections are not bound to a run": Play(
        plays.restart, linear=False, code=Code(cache=mutants.AnyRun)
    ),
    "A18 a reader joins a database read that began before it": Play(
        warm=False, readers=(1, 1), linear=False, code=Code(reads=mutants.Joins)
    ),
}
DIRECTED: dict[str, tuple[Callable[[Code], str], Code]] = {
    "M5 opened again without arming": (
        scenes.writer_believes_off,
        Code(healer=mutants.NoArm),
    ),
    "M8 a mark that worked excuses a failed clear": (
        scenes.clear_is_lost_after_its_mark,
        Code(writes=mutants.MarkIsEnough),
    ),
    "M9 the namespace is not part of the key": (
        scenes.value_survives_an_outage,
        Code(cache=mutants.OneNamespace),
    ),
    "M10 settled with the fence of the beginning": (
        scenes.write_outlives_its_namespace,
        Code(writes=mutants.AsItBegan),
    ),
    "M11 opened without waiting": (
        scenes.writer_believes_off,
        Code(healer=mutants.OpensAtOnce),
    ),
    "M12 armed without waiting": (
        scenes.writer_meets_an_armed_namespace,
        Code(healer=mutants.ArmsAtOnce),
    ),
}


@pytest.mark.parametrize("name", SEARCHED)
def test_some_schedule_kills(name: str, ledger: Ledger) -> None:
    verdict = SEARCHED[name].run()
    ledger.note(f"killed after {verdict.schedules} schedules  {name}: {verdict}")

    assert verdict.violation


@pytest.mark.parametrize("name", DIRECTED)
def test_a_scene_kills(name: str, ledger: Ledger) -> None:
    scene, code = DIRECTED[name]
    told = scene(code)
    ledger.note(f"killed by a scene  {name}: {told}")

    assert told

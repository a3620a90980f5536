"""Every rule of the protocol is needed in the code as well: broken, a read is stale.

M7 and M9 are mutants of the double of the cache: that the Redis adapter binds its connections and
puts the namespace into its keys is for the tests over a real server. That the scripts do what the
double does is as well. M13 to M17, what this implementation adds, and R2, an unacknowledged write
that lands late, are for ``tests/model``.
"""

from dataclasses import replace

import pytest

from tests.interleaving import mutants
from tests.interleaving.deployment import Code
from tests.interleaving.test_schedules import SCENARIOS
from tests.model.ledger import Ledger

MUTANTS = {
    "M1 a fill is a plain SET": (
        "nothing goes wrong, and nothing is cached",
        Code(cache=mutants.PlainFill),
    ),
    "M2 no mark before the commit": (
        "the server refuses for a while",
        Code(writes=mutants.NoMark),
    ),
    "M3 a failed invalidation is ignored": (
        "the server refuses for a while",
        Code(writes=mutants.Careless),
    ),
    "M4 the fence closes, no write waits": (
        "the server refuses for a while",
        Code(lease=mutants.Impatient),
    ),
    "M5 opened again without arming": ("a closed fence opens", Code(monitor=mutants.NoArm)),
    "M6 a commit without a lease": (
        "the writer has no lease yet",
        Code(writes=mutants.Unleased),
    ),
    "M7 connections are not bound to a run": (
        "the server restarts from an old dump",
        Code(cache=mutants.AnyRun),
    ),
    "M8 a mark that worked excuses a failed clear": (
        "the server loses everything, and a command fails",
        Code(writes=mutants.MarkIsEnough),
    ),
    "M9 the namespace is not part of the key": (
        "the server refuses for a while, and another namespace is opened",
        Code(cache=mutants.OneNamespace),
    ),
    "M10 settled with the fence of the beginning": (
        "the namespace changes under a write",
        Code(writes=mutants.AsItBegan),
    ),
    "M11 opened without waiting": ("a closed fence opens", Code(monitor=mutants.OpensAtOnce)),
    "M12 armed without waiting": (
        "a fence is seen that was closed a moment ago",
        Code(monitor=mutants.ArmsAtOnce),
    ),
    "A18 a reader joins a database read that began before it": (
        "values and tokens are evicted, nothing is cached",
        Code(repository=mutants.Joins),
    ),
}
ONLY_G2 = {"M2 no mark before the commit", "M6 a commit without a lease"}
"""Those that let reads go backwards, and lose no write that was acknowledged."""


@pytest.mark.parametrize("name", MUTANTS)
def test_some_schedule_kills(name: str, ledger: Ledger) -> None:
    scenario, code = MUTANTS[name]
    verdict = replace(SCENARIOS[scenario], code=code, linear=name in ONLY_G2).run()
    ledger.append(f"killed after {verdict.runs} runs  {name}: {verdict}")

    assert verdict.violation

"""The machine can fail: it kills every mutant that a sequential driver can see.

Each mutant is a service process of its own, ``python -m tests.stateful.mutant_service``, composed
as shipped but for one name. The machine is told which faults may bring the mistake to light, so
that it need not look for long, and is otherwise the same.

Out of reach of a sequential driver are M2 and M6 (no mark; a commit without a lease: both show only
during the write), M8 (breaks between two commands), M10 and M13 (the fence moves during a write),
M11 (a writer sleeps through ``arm``), M16 (forbidden while a process runs), A18 and R2 (need
overlapping operations).
Those out of reach are killed by ``tests/interleaving`` and ``tests/model``.
"""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis.errors import Flaky

from tests.model.ledger import Ledger
from tests.stateful.deployment import Ground, StatefulVariant, running
from tests.stateful.faults import Strike
from tests.stateful.machine import explore
from tests.stateful.mutant_service import VARIABLE
from tests.stateful.mutants import MUTANTS
from tests.stateful.operations import Caught, Census

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
_DEPLOYMENTS = 12


def hunted(ground: Ground, variant: StatefulVariant, kinds: Sequence[Strike]) -> Census:
    """Run the machine until it has found something, and look no further.

    What a mutant does depends on time, also on how the processes' renewals lie to each other, which
    stays as it is as long as they live: who is not caught on one deployment is tried on the next.
    Hypothesis, which expects the same of the same example, may complain of that in place of passing
    on what was caught; the census holds it in any case.
    """
    census = Census(ends_at_first=True)
    for _ in range(_DEPLOYMENTS):
        with running(ground, variant) as deployment, suppress(Caught, Flaky):
            explore(deployment, census, first=kinds, kinds=kinds, examples=20, steps=4)
        if census.divergence:
            break
    return census


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_kills(name: str, ground: Ground, ledger: Ledger) -> None:
    kinds = MUTANTS[name].kinds
    variant = StatefulVariant(
        module="tests.stateful.mutant_service",
        env={VARIABLE: name},
        without_redis=Strike.OUTSIDER in kinds,
    )

    census = hunted(ground, variant, kinds)

    ledger.append(f"killed  {name}: {census.divergence}")
    assert census.divergence


def test_the_machine_catches_the_naive_rival(ground: Ground, ledger: Ledger) -> None:
    variant = StatefulVariant(module="benchmarks.variants.rivals.naive", without_redis=False)

    census = hunted(ground, variant, tuple(Strike))

    ledger.append(f"caught  the naive rival: {census.divergence}")
    assert census.divergence

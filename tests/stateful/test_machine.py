"""Whatever happens to Redis, three answers agree.

``STATEFUL_PROFILE=long pytest tests/stateful/test_machine.py`` tries much more.
"""

import pytest

from tests.model.ledger import Ledger
from tests.stateful import profiles
from tests.stateful.census import Census
from tests.stateful.deployment import Ground, StatefulVariant, running
from tests.stateful.faults import Strike
from tests.stateful.machine import machine_on

pytestmark = pytest.mark.servers


def test_the_cached_side_answers_as_the_uncached_one_and_as_the_model(
    ground: Ground, ledger: Ledger
) -> None:
    census = Census()

    with running(ground, StatefulVariant()) as deployment:
        for number, kind in enumerate(Strike):
            machine = machine_on(deployment, census, first=[kind])
            profiles.search(machine, seed_of_ci=number)

    for line in census.lines():
        ledger.append(line)
    assert census.hits, "the cache was not used"
    assert len(census.faults) >= 12, "hardly anything was broken"
    assert census.recoveries >= 1
    assert set(census.statuses) > {200, 201, 401, 404}

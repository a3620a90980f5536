"""Whatever happens to Redis, three answers agree.

``STATEFUL_PROFILE=long pytest tests/stateful/test_machine.py`` tries much more, and new examples
each time, for half an hour or so.
"""

import os
import random

import pytest

from tests.model.ledger import Ledger
from tests.stateful.deployment import Ground, StatefulVariant, running
from tests.stateful.faults import Strike
from tests.stateful.machine import explore
from tests.stateful.operations import Census

pytestmark = pytest.mark.servers
LONG = os.environ.get("STATEFUL_PROFILE") == "long"
EXAMPLES, STEPS = (40, 50) if LONG else (2, 8)


@pytest.mark.timeout(7200 if LONG else 300)
def test_the_cached_side_answers_as_the_uncached_one_and_as_the_model(
    ground: Ground, ledger: Ledger
) -> None:
    census = Census()

    with running(ground, StatefulVariant()) as deployment:
        for number, kind in enumerate(Strike):
            drawn = random.randrange(2**32) if LONG else number
            explore(deployment, census, first=[kind], number=drawn, examples=EXAMPLES, steps=STEPS)

    ledger.append(str(census))
    assert census.hits, "the cache was not used"
    assert len(census.faults) >= 12, "hardly anything was broken"
    assert census.recoveries >= 1
    assert set(census.statuses) > {200, 201, 401, 404}

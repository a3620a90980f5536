from datetime import UTC

import pytest
import time_machine

from service.domain import now


@pytest.mark.usefixtures("time_zone")
def test_now_is_in_utc_in_any_time_zone_and_cut_to_the_millisecond() -> None:
    with time_machine.travel("2030-01-02T03:04:05.678901+00:00", tick=False):
        instant = now()

    assert instant.tzinfo is UTC
    assert (instant.hour, instant.minute, instant.microsecond) == (3, 4, 678_000)

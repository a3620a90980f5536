from datetime import UTC, timedelta

import pytest
import time_machine

from service.domain import CachedValue, now

PRECISE = "2030-01-02T03:04:05.678901+00:00"


@pytest.mark.usefixtures("time_zone")
def test_now_is_in_utc_whatever_the_time_zone_of_the_machine() -> None:
    with time_machine.travel(PRECISE, tick=False):
        instant = now()

    assert instant.utcoffset() == timedelta(0)
    assert (instant.hour, instant.minute) == (3, 4)


def test_now_is_cut_to_the_millisecond_and_not_rounded() -> None:
    with time_machine.travel(PRECISE, tick=False):
        instant = now()

    assert instant.microsecond == 678_000
    assert instant.tzinfo is UTC


def test_the_slots_are_named_as_in_headers_and_keys() -> None:
    assert [str(slot) for slot in CachedValue] == ["user", "todos"]

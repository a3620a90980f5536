"""Somebody sets the wall clock of a service process; the leases do not notice."""

import json
import os
from datetime import UTC, datetime, timedelta
from signal import Signals
from time import perf_counter

import pytest

from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import (
    CallerAnswer,
    improper,
    last_is_hit,
    newest,
    repeated,
    seconds,
    stale,
)
from tests.faults.process_clock import BACK, FORWARD, HOUR
from tests.faults.process_deployment import DeploymentMember, ProcessDeployment
from tests.waiting import until

LEASE_S = 2.0
"""Long enough for a read that is asked for when MongoDB was cut off."""


@pytest.mark.fault(
    "Process",
    "wall clock set",
    "an hour forward, then two hours back; each time MongoDB is cut off as well",
    "reads stay fresh and cached, and end a lease after MongoDB was cut off",
)
def test_leases_last_as_long_as_ever_when_the_wall_clock_is_set(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start(
        module="tests.faults.process_clock", env={"CACHE_LEASE_SECONDS": str(LEASE_S)}
    )
    reads: list[CallerAnswer] = []
    old: list[CallerAnswer] = []
    last = 0.0
    for steps in (((FORWARD, HOUR),), ((BACK, timedelta()), (BACK, -HOUR))):
        for step, offset in steps:
            _set_clock(member, step, offset)
        some, stale_ones, last_s = _lives_on(member)
        reads += some
        old += stale_ones
        last = max(last, last_s)

    figures["cached reads until"] = f"{seconds(last)} after MongoDB was cut off"
    figures["fence closed"] = deployment.closings()
    figures["5xx other than 503"] = len(improper(reads))
    figures["stale"] = len(old)
    assert last <= LEASE_S
    assert deployment.closings() == 0
    assert {read.status for read in reads} == {200, 503}
    assert improper(reads) == []
    assert old == []


def _set_clock(member: DeploymentMember, step: Signals, offset: timedelta) -> None:
    os.kill(member.process.pid, step)
    until(lambda: _is_ahead(member, offset), "other time")


def _is_ahead(member: DeploymentMember, offset: timedelta) -> bool:
    """Tell whether the clock of a process is so much ahead of ours."""
    profile = member.sign_up().call(member.url, "GET", "/auth/me")
    known = datetime.fromisoformat(json.loads(profile.body)["created_at"])
    return abs(known - datetime.now(UTC) - offset) < HOUR / 2


def _lives_on(member: DeploymentMember) -> tuple[list[CallerAnswer], list[CallerAnswer], float]:
    """Write, read, and cut MongoDB off; return reads, stale ones, and how long the cache lasted.

    Somebody new does it: the token of a moment that is yet to come is refused.
    """
    person = member.sign_up_and_cache()
    with repeated(lambda: person.read(member.url)) as reads:
        assert person.rename(member.url, "after").status == 200
        acked = perf_counter()
        until(lambda: last_is_hit(reads, since=acked), "hit")
        member.mongo.switch(RelayMode.REFUSE)
        cut = perf_counter()
        until(lambda: last_is_hit(reads, since=cut), "hit under the lease")
        until(lambda: newest(reads, since=cut) == 503, "refusal")
        served = [read.began - cut for read in reads if read.status == 200]
        member.mongo.switch(RelayMode.NORMAL)
        until(lambda: last_is_hit(reads, since=cut + LEASE_S), "hit")
    return reads, stale(reads, "after", since=acked), max(served)

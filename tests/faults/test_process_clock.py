"""Somebody sets the wall clock of a service process; the leases do not notice."""

import json
import os
from datetime import UTC, datetime, timedelta
from signal import Signals
from time import perf_counter

from benchmarks.stack.relay import RelayMode
from tests.faults.page import fault
from tests.faults.process_callers import seconds
from tests.faults.process_clock import BACK, FORWARD, HOUR
from tests.faults.process_deployment import DeploymentMember, ProcessDeployment
from tests.waiting import until

LEASE_S = 2.0
"""Long enough for a read that is asked for when MongoDB was cut off."""


@fault("wall clock set")
def test_leases_last_as_long_as_ever_when_the_wall_clock_is_set(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start(
        module="tests.faults.process_clock", env={"CACHE_LEASE_SECONDS": str(LEASE_S)}
    )
    last_s = 0.0
    for steps in (((FORWARD, HOUR),), ((BACK, timedelta()), (BACK, -HOUR))):
        for step, offset in steps:
            _set_clock(member, step, offset)
        last_s = max(last_s, _lives_on(member))

    figures["cached reads until"] = f"{seconds(last_s)} after MongoDB was cut off"
    assert last_s <= LEASE_S
    assert deployment.closings() == 0


def _set_clock(member: DeploymentMember, step: Signals, offset: timedelta) -> None:
    os.kill(member.process.pid, step)
    until(lambda: _is_ahead(member, offset), "other time")


def _is_ahead(member: DeploymentMember, offset: timedelta) -> bool:
    """Tell whether the clock of a process is so much ahead of ours."""
    profile = member.sign_up().call("GET", "/auth/me")
    known = datetime.fromisoformat(json.loads(profile.body)["created_at"])
    return abs(known - datetime.now(UTC) - offset) < HOUR / 2


def _lives_on(member: DeploymentMember) -> float:
    """Write, read, and cut MongoDB off; return for how many seconds the cache answered then.

    Somebody new does it: the token of a moment that is yet to come is refused.
    """
    person = member.sign_up_and_cache()
    with person.reading() as reads:
        assert person.rename("after").status == 200
        acked = perf_counter()
        reads.wait_for_hit(since=acked)
        member.mongo.switch(RelayMode.REFUSE)
        cut = perf_counter()
        reads.wait_for_hit(since=cut)
        reads.wait_for(503, since=cut)
        served = [read.began - cut for read in reads if read.status == 200]
        member.mongo.switch(RelayMode.NORMAL)
        reads.wait_for_hit(since=cut + LEASE_S)
    assert reads.statuses == {200, 503}
    reads.must_show("after", since=acked)
    return max(served)

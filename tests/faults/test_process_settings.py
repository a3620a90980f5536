"""Processes of one deployment that were set differently, as during a rolling update."""

from time import perf_counter

import pytest

from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import newest, repeated, seconds, shown, stale, until
from tests.faults.process_deployment import LEASE_S, Deployment

LONGER_S = 2.5 * LEASE_S


@pytest.mark.fault(
    "Process",
    "leases of two lengths",
    f"a process with leases of {LONGER_S:g} s is cut off from MongoDB; one with leases of "
    f"{LEASE_S:g} s has lost Redis and writes",
    "the write waits for the longer lease, no later read is old",
)
def test_a_writer_waits_for_the_lease_of_a_process_that_was_set_to_a_longer_one(
    deployment: Deployment, figures: dict[str, object]
) -> None:
    writer = deployment.start()
    holder = deployment.start(env={"CACHE_LEASE_SECONDS": str(LONGER_S)})
    until(lambda: deployment.longest_lease_s() == LONGER_S, "the longer lease in the fence")
    person = holder.sign_up_and_cache()
    with repeated(lambda: person.read(holder.url)) as reads:
        holder.mongo.switch(RelayMode.HOLD)
        # What was cached stays in Redis, and only the lease keeps it unread.
        writer.redis.switch(RelayMode.REFUSE)
        written = person.rename(writer.url, "after")
        acked = perf_counter()
        until(lambda: newest(reads, since=acked) is not None, "a later read")
        holder.mongo.switch(RelayMode.NORMAL)
        until(lambda: newest(reads, since=acked) == 200, "an answer")
    old = stale(reads, "after", since=acked)

    figures["write acknowledged after"] = seconds(written.took_s)
    figures["hits meanwhile"] = sum(read.is_hit for read in reads)
    figures["stale"] = len(old)
    assert written.status == 200
    assert written.took_s > LONGER_S
    assert shown(reads) == ["after"]
    assert old == []

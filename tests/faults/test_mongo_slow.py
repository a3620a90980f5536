"""MongoDB is there and does not answer in time: no request waits longer than it was promised."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.stack.embedded import Stack, start_mongo
from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import (
    at_once,
    improper,
    last_is_hit,
    longest_s,
    repeated,
    seconds,
    stale,
)
from tests.faults.process_deployment import (
    DEADLINE_S,
    LEASE_S,
    Deployment,
    Member,
    alive,
)
from tests.waiting import until

PARALLEL = 64
EXPECTED = (
    f"{PARALLEL} parallel requests all answered 503 before MongoDB answers, /healthz 200, "
    "retries make each todo once"
)


@pytest.mark.fault("MongoDB", "slow", "every message takes 3 s, the deadline is 1 s", EXPECTED)
def test_requests_to_a_slow_mongodb_do_not_pile_up(
    deployment: Deployment, figures: dict[str, object]
) -> None:
    member = deployment.start()

    _slowness(
        member,
        deployment,
        lambda: member.mongo.switch(RelayMode.DELAY, delay_ms=3 * DEADLINE_S * 1000),
        lambda: member.mongo.switch(RelayMode.NORMAL),
        figures,
    )


@pytest.mark.fault("MongoDB", "stopped", "SIGSTOP until all are answered, SIGCONT", EXPECTED)
def test_writes_that_a_stopped_mongodb_carries_out_late_do_no_harm(
    servers: Stack, tmp_path: Path, figures: dict[str, object]
) -> None:
    assert servers.redis is not None
    with ExitStack() as exits:
        mongo = start_mongo(tmp_path)
        assert mongo.process is not None
        exits.callback(mongo.discard)
        deployment = Deployment(mongo.url, servers.redis.url, tmp_path, exits)
        member = deployment.start()

        _slowness(member, deployment, mongo.process.pause, mongo.process.resume, figures)


def _slowness(
    member: Member,
    deployment: Deployment,
    strike: Callable[[], object],
    mend: Callable[[], object],
    figures: dict[str, object],
) -> None:
    """Make MongoDB slow until many requests were answered, and judge every answer of the time."""
    person = member.sign_up_and_cache()
    with repeated(lambda: person.read(member.url)) as reads, alive(member, figures) as unready:
        strike()
        struck = perf_counter()
        written = person.add(member.url, "late", key="late")
        until(lambda: perf_counter() - struck > LEASE_S, "end of the lease")
        answers = at_once(lambda: person.read(member.url), PARALLEL)
        unready()
        mend()
        mended = perf_counter()
        until(lambda: person.add(member.url, "late", key="late").status == 201, "write")
        acked = perf_counter()
        until(lambda: last_is_hit(reads), "hit")
    late = stale(reads, "late", since=acked)

    figures["longest answer"] = seconds(longest_s([*answers, written]))
    figures["writes again after"] = seconds(acked - mended)
    figures["duplicates"] = deployment.stored(person).count("late") - 1
    figures["5xx other than 503"] = len(improper([*reads, *answers, written]))
    figures["stale"] = len(late)
    assert written.refuses_properly
    assert all(answer.refuses_properly for answer in answers)
    assert improper(reads) == []
    assert deployment.stored(person) == ["before", "late"]
    assert late == []

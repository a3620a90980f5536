"""A Redis that is well, and a way to it that is not."""

import pytest

from benchmarks.coherence.verify.fleet import DEADLINE_S, INTERVALS
from benchmarks.coherence.verify.schedule import Fault
from tests.faults.redis_faults import far_away, held, planned, until_counted
from tests.faults.redis_rows import assert_harmless, row
from tests.faults.stage import Stage, Strike

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]
CUT_OFF, CUT_OFF_S = 1, 2.0
LEASE_S = float(INTERVALS["CACHE_LEASE_SECONDS"])
SHORTEST_CYCLE_S = LEASE_S
"""A closed fence stays closed for a lease."""
SHORTEST_OPENING_S = LEASE_S + DEADLINE_S
"""An armed one, which the next failed mark closes, does not open before."""

ROWS = [
    pytest.param(
        planned(Fault.RESET, 0.8),
        marks=row(
            "connections are reset",
            "the proxies answer every connection with RST for 0.8 s",
            "as if Redis were killed",
        ),
        id="reset",
    ),
    pytest.param(
        planned(Fault.REFUSE, 0.8),
        marks=row(
            "connections are refused",
            "the proxies close every connection and stop listening for 0.8 s",
            "as if Redis were killed",
        ),
        id="refused",
    ),
    pytest.param(
        planned(Fault.DROP_REQUESTS, 0.8),
        marks=row(
            "connections are half open",
            "the proxies swallow every request for 0.8 s",
            "deadlines end every wait; unconfirmed marks close the fence",
        ),
        id="half-open",
    ),
    pytest.param(
        planned(Fault.DROP_REPLIES, 0.8),
        marks=row(
            "replies are lost",
            "requests are executed and the proxies swallow every reply for 0.8 s",
            "what was done and not confirmed counts as not done",
        ),
        id="replies-lost",
    ),
    pytest.param(
        planned(Fault.HOLD, 0.8),
        marks=row(
            "requests arrive late",
            "the proxies hold every request for 0.8 s and deliver it then, its sender gone",
            "late fills, marks and clears do no harm",
        ),
        id="requests-held",
    ),
]


@pytest.mark.parametrize("strike", ROWS)
def test_users_notice_nothing_but_the_time(
    stage: Stage, figures: dict[str, object], strike: Strike
) -> None:
    outcome = stage.under(strike)
    figures.update(outcome.figures())

    assert_harmless(outcome)


@row(
    "Redis is 20 ms away",
    "the proxies delay each way by 10 ms for 1 s",
    "still used: it answers within its 50 ms",
)
def test_a_distant_redis_is_used(stage: Stage, figures: dict[str, object]) -> None:
    outcome = stage.under(held(far_away(10.0), 1.0))
    figures.update(outcome.figures())

    assert_harmless(outcome)


@row(
    "Redis is 100 ms away",
    "the proxies delay each way by 50 ms for 1 s",
    "given up after 50 ms; after three in a row the process leaves it alone for a second",
)
def test_a_redis_too_far_away_is_given_up(stage: Stage, figures: dict[str, object]) -> None:
    outcome = stage.under(held(until_counted(far_away(50.0), "unavailable"), 1.0))
    figures.update(outcome.figures())
    figures["hits meanwhile"] = len(outcome.hits_meanwhile)

    assert_harmless(outcome)


@row(
    "one process of two is cut off from Redis",
    f"its proxy swallows every request for {CUT_OFF_S:g} s, the other's does not",
    "its first write closes the fence, later ones keep it closed: all are uncached, none stale",
)
def test_one_process_cut_off_turns_the_cache_off_for_all(
    stage: Stage, figures: dict[str, object]
) -> None:
    outcome = stage.under(planned(Fault.DROP_REQUESTS, CUT_OFF_S, worker=CUT_OFF))
    figures.update(outcome.figures())

    assert_harmless(outcome)
    writes = outcome.writes_of(CUT_OFF)
    assert writes
    for write in writes:
        closed_until_ns = write.invoked_ns + round(SHORTEST_OPENING_S * 1e9)
        assert outcome.hits_within(write.returned_ns, closed_until_ns) == []
    assert 1 <= outcome.fence_moves <= 2 + outcome.summary.seconds / SHORTEST_CYCLE_S

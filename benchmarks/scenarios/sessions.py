"""Scenarios of one user who asks a few times, one request after the other."""

from benchmarks.scenarios.actions import (
    READS,
    READS_AND_WRITES,
    guess_password,
    log_in,
    log_out,
    read_list,
    with_token,
)
from benchmarks.scenarios.base import Scenario, in_order, repeat

SESSION = Scenario(
    name="session",
    purpose="five GET /todo/ of one user, one after the other, from a cold cache",
    actions=READS,
    draw=repeat("list", times=5),
    requests=5,
)
"""The tutorial's claim "250 ms without Redis, 54 ms with Redis, 5x faster" as it was made:
the first read meets an empty cache, and that miss is part of the claim's own sum."""

HITS = Scenario(
    name="hits",
    purpose="five GET /todo/ of one user, one after the other, after one that is not counted",
    actions=READS,
    draw=repeat("list", times=5, primed="session"),
    requests=5,
    primed="session",
)
"""Warm reads only: what a hit is worth, with an interval of its own, without the miss before it."""

WRITES = Scenario(
    name="writes",
    purpose="five PUT /todo/{id} of one user, each after a read that is not counted",
    actions=READS_AND_WRITES,
    draw=repeat("complete", times=5, primed="request"),
    requests=5,
    primed="request",
    changes=frozenset({"complete"}),
)
"""The cost of a safe invalidation for a write that has something to invalidate."""

_SIGN_IN = ("login", "list", "list", "list", "logout")
SIGN_IN = Scenario(
    name="sign-in",
    purpose="POST /auth/login, three GET /todo/, POST /auth/logout, each time from a new address",
    actions={"login": log_in, "list": read_list, "logout": log_out},
    draw=in_order(*_SIGN_IN),
    requests=len(_SIGN_IN),
    changes=frozenset({"login", "logout"}),
    learns={"login": with_token},
    roams=True,
)
"""The tokens: a logout has to hold at once with and without Redis, and a new token meets a cache
that does not know it."""

LIMIT_BURST = Scenario(
    name="limit-burst",
    purpose="ten POST /auth/login with a wrong password from one address",
    actions={"guess": guess_password},
    draw=repeat("guess", times=10),
    requests=10,
    changes=frozenset({"guess"}),
    answers=frozenset({401, 429}),
)
"""The rate limits: after five attempts within a minute an address gets 429 and nothing else, with
and without Redis; here that is no failure but what is asked for."""

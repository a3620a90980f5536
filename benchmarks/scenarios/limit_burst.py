"""Somebody tries passwords as fast as they are refused.

Purpose: the rate limits. After five attempts within a minute an address gets 429 and nothing else,
with and without Redis; here that is no failure but what is asked for.
"""

from benchmarks.scenarios.actions import guess_password
from benchmarks.scenarios.base import Scenario, repeat

SCENARIO = Scenario(
    name="limit-burst",
    purpose="ten POST /auth/login with a wrong password from one address",
    actions={"guess": guess_password},
    draw=repeat("guess", times=10, primed="never"),
    requests=10,
    changes=frozenset({"guess"}),
    answers=frozenset({401, 429}),
)

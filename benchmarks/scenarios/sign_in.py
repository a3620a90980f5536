"""Somebody logs in, opens the list three times and logs out.

Purpose: the tokens. A logout has to hold at once with and without Redis, and a new token meets a
cache that does not know it.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.scenarios.actions import log_in, log_out, read_list
from benchmarks.scenarios.base import Draw, Member, Operation, Scenario

_STEPS = ("login", "list", "list", "list", "logout")


def draw(given: Draw) -> Iterator[Operation]:
    """Draw sessions of one user each; another turn meets the next users."""
    for session in range(given.amount):
        user = (given.turn * given.amount + session) % given.users
        for step in _STEPS:
            yield Operation(user, step, session)


def with_token(member: Member, body: bytes) -> Member:
    """Return the member with the token that a login answered."""
    token = json.loads(body)["access_token"]
    return replace(member, headers={**member.headers, "Authorization": f"Bearer {token}"})


SCENARIO = Scenario(
    name="sign-in",
    purpose="POST /auth/login, three GET /todo/, POST /auth/logout, each time from a new address",
    actions={"login": log_in, "list": read_list, "logout": log_out},
    draw=draw,
    requests=len(_STEPS),
    changes=frozenset({"login", "logout"}),
    learns={"login": with_token},
    roams=True,
)

"""Reads of people who are signed in: what this project's own service would look like from outside.

``members`` is called once per target, before anything is measured, and returns the people who
then take turns; what it sends is not measured.
"""

import json
from collections.abc import Sequence
from secrets import token_hex

from benchmarks.scenarios.base import Ask, Member, Scenario, Site, repeat

PEOPLE = 5
JSON = {"Content-Type": "application/json"}


def members(site: Site) -> Sequence[Member]:
    """Register a few people with a todo each and sign them in."""
    return [person(site, number) for number in range(PEOPLE)]


def person(site: Site, number: int) -> Member:
    """Return a new user who is signed in."""
    who = {"email": f"{token_hex(6)}@example.com", "password": token_hex(12)}
    account = json.dumps(who | {"name": f"Person {number}"}).encode()
    site.send("POST", "/auth/register", headers=JSON, body=account)
    answer = site.send("POST", "/auth/login", headers=JSON, body=json.dumps(who).encode())
    if answer.status != 200:  # noqa: PLR2004 - what HTTP calls fine
        raise RuntimeError(
            f"{site.name} refused a registration: {answer.status} {answer.body[:200]!r}"
        )
    token = json.loads(answer.body)["access_token"]
    return Member(number=number, headers={"Authorization": f"Bearer {token}"})


def lists(_member: Member) -> Ask:
    """Ask for the todo list."""
    return Ask("GET", "/todo/")


SCENARIO = Scenario(
    name="signed-in",
    purpose="five reads of an empty list by a user who is signed in",
    actions={"lists": lists},
    draw=repeat("lists", times=5),
    requests=5,
)

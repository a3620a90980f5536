"""The requests of the todo service's users, and the names of their accounts."""

import json
from collections.abc import Mapping
from dataclasses import replace

from benchmarks.scenarios.base import Action, Ask, Member

PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts made for being measured
_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


def email_of(number: int) -> str:
    """Return the address of the user with that number."""
    return f"user-{number:05d}@example.com"


def read_list(_member: Member) -> Ask:
    """Ask for the todo list."""
    return Ask("GET", "/todo/")


def complete_first(member: Member) -> Ask:
    """Change the first todo; a user without todos creates one."""
    if not member.todo_ids:
        return Ask("POST", "/todo/", b'{"heading":"First","task":"of this user"}', _JSON)
    return Ask("PUT", f"/todo/{member.todo_ids[0]}", b'{"completed":true}', _JSON)


def log_in(member: Member) -> Ask:
    """Ask for a new token."""
    body = json.dumps({"email": member.email, "password": PASSWORD}).encode()
    return Ask("POST", "/auth/login", body, _JSON)


def with_token(member: Member, body: bytes) -> Member:
    """Return the member with the token that a login answered."""
    token = json.loads(body)["access_token"]
    return replace(member, headers={**member.headers, "Authorization": f"Bearer {token}"})


READS: Mapping[str, Action] = {"list": read_list}
READS_AND_WRITES: Mapping[str, Action] = {"list": read_list, "complete": complete_first}

"""What users of the todo service ask for."""

import json
from collections.abc import Mapping

from benchmarks.scenarios.accounts import PASSWORD
from benchmarks.scenarios.base import Action, Ask, Member

_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


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
    return _credentials(member, PASSWORD)


def guess_password(member: Member) -> Ask:
    """Ask for a token with a wrong password."""
    return _credentials(member, "a wrong guess")


def log_out(_member: Member) -> Ask:
    """Have the token revoked."""
    return Ask("POST", "/auth/logout")


def _credentials(member: Member, password: str) -> Ask:
    body = json.dumps({"email": member.email, "password": password}).encode()
    return Ask("POST", "/auth/login", body, _JSON)


READS: Mapping[str, Action] = {"list": read_list}
READS_AND_WRITES: Mapping[str, Action] = {"list": read_list, "complete": complete_first}

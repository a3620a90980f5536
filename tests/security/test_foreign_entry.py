"""An entry that got into the slot of another user is refused, and the operator hears of it."""

from benchmarks.stack.embedded import Stack
from benchmarks.stack.server import redis_client
from tests.security.conftest import Variant
from tests.security.people import get, post, sign_up
from tests.waiting import until


def test_nobody_is_answered_from_the_entry_of_somebody_else(
    servers: Stack, running: Variant
) -> None:
    url = running("cached").url
    ann, bob = (_with_todo(url, name) for name in ("ann", "bob"))
    _give_entry(servers, url, ann, bob)
    refused = _refusals(url)

    status = _not_bypassing(url, bob)
    answers = [get(f"{url}/todo/", headers=who).json() for who in (bob, ann, bob)]

    assert "todos; fwd=miss; detail=corrupt" in status
    assert _refusals(url) == refused + 1
    assert [[todo["heading"] for todo in answer] for answer in answers] == [
        ["bob"],
        ["ann"],
        ["bob"],
    ]


def _with_todo(url: str, heading: str) -> dict[str, str]:
    """Return the headers of somebody whose list, with one todo, is in the cache."""
    headers = {"authorization": f"Bearer {sign_up(url)}"}
    post(f"{url}/todo/", json={"heading": heading, "task": ""}, headers=headers)
    until(lambda: _status(url, headers).startswith("todos; hit"), "answer from its cache")
    return headers


def _status(url: str, headers: dict[str, str]) -> str:
    """Read the list and return how it was answered."""
    return get(f"{url}/todo/", headers=headers).headers["cache-status"]


def _not_bypassing(url: str, headers: dict[str, str]) -> str:
    """Read the list until the cache has a say, which it has not without a lease."""
    statuses: list[str] = []

    def asked() -> bool:
        statuses.append(_status(url, headers))
        return "todos; fwd=bypass" not in statuses[-1]

    until(asked, "ask its cache")
    return statuses[-1]


def _give_entry(servers: Stack, url: str, giver: dict[str, str], taker: dict[str, str]) -> None:
    assert servers.redis is not None
    with redis_client(servers.redis.url) as client:
        keys = []
        for headers in (giver, taker):
            user_id = get(f"{url}/auth/me", headers=headers).json()["id"]
            [key] = client.scan_iter(f"*{user_id}*:todos")
            keys.append(key)
        entry = client.get(keys[0])
        assert isinstance(entry, bytes)
        client.set(keys[1], entry, keepttl=True)


def _refusals(url: str) -> int:
    lines = get(f"{url}/metrics").text.splitlines()
    counted = [line for line in lines if 'slot="todos"' in line and "detail=corrupt" in line]
    return sum(int(float(line.rpartition(" ")[2])) for line in counted)

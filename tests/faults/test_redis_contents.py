"""What Redis holds is lost or forged under load: it is missed, and no user sees anything else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from benchmarks.coherence.fleet import Fleet
from tests.faults.page import row
from tests.faults.redis_faults import (
    Act,
    Broken,
    again_and_again,
    command,
    configured,
    held,
    until_counted,
)
from tests.faults.testbed import FleetTestbed, Strike

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]
_SLOTS = ("todos", "user")
_FORGED_MS = 60_000
_OWNER = slice(1, 25)


def losing(broken: Broken) -> Strike:
    return held(until_counted(broken, "detail=evicted"), 0.8, loses_marks=True)


def flooded(client: Redis) -> None:
    """Store keys of no user, so that the server evicts others for them.

    It refuses where what is in use leaves no room, which depends on how many answers wait.
    """
    for number in range(40):
        with suppress(OutOfMemoryError):
            client.set(f"flood:{time.monotonic_ns()}:{number}", b"x" * 10_000, px=2000)


def deleted_at_random(client: Redis) -> None:
    if (key := command(client, "RANDOMKEY")) is not None:
        client.delete(key)


def evicting() -> Broken:
    """Return a server of 2 MB that is flooded with something else."""
    flooding = again_and_again(flooded, 0.02)

    @contextmanager
    def storm(fleet: Fleet) -> Iterator[None]:
        with configured({"maxmemory": "2mb"})(fleet), flooding(fleet):
            yield

    return storm


def store_garbage(client: Redis) -> None:
    """Put bytes where values are that look like one and are none."""
    for key, _ in _values(client):
        client.set(key, b"V\x00\xff\xfe{]", px=_FORGED_MS)


def exchange_owners(client: Redis) -> None:
    """Put the value of one user in the slot of another."""
    for slot in _SLOTS:
        held = list(_values(client, slot))
        for (key, _), (_, foreign) in zip(held, held[1:] + held[:1], strict=True):
            if foreign[_OWNER] not in key:
                client.set(key, foreign, px=_FORGED_MS)


def store_lists(client: Redis) -> None:
    """Put a value of the wrong type in every slot."""
    for key, _ in _values(client):
        _replace_by_list(client, key)


def store_lists_for_marks(client: Redis) -> None:
    """Put a value of the wrong type where the writers of a user leave their marks."""
    for key, _ in _values(client):
        _replace_by_list(client, key.rpartition(b":")[0] + b":writers")


def _values(client: Redis, *slots: str) -> Iterator[tuple[bytes, bytes]]:
    for slot in slots or _SLOTS:
        for key in client.scan_iter(f"fivefold:*:{slot}", count=1000, _type="STRING"):
            value = client.get(key)
            if isinstance(value, bytes) and value.startswith(b"V"):
                yield key, value


def _replace_by_list(client: Redis, key: bytes) -> None:
    with client.pipeline() as pipeline:
        pipeline.delete(key)
        pipeline.rpush(key, "no string")
        pipeline.pexpire(key, _FORGED_MS)
        pipeline.execute()


LOST = [
    row(losing(again_and_again(Redis.flushall, 0.02)), "Redis is flushed"),
    row(
        losing(again_and_again(deleted_at_random, 0.002)),
        "Redis loses keys, fill tokens and writers' marks among them",
    ),
    row(losing(evicting()), "Redis evicts all the time"),
]
FORGED = [
    row(store_garbage, "garbage in the slots"),
    row(exchange_owners, "values of another user"),
    row(store_lists, "values of the wrong type"),
    row(store_lists_for_marks, "marks of the wrong type"),
]


@pytest.mark.parametrize("strike", LOST)
def test_what_redis_loses_is_only_missed(
    testbed: FleetTestbed, figures: dict[str, object], strike: Strike
) -> None:
    outcome = testbed.harmless(strike, replays=True, figures=figures)
    figures["slots found evicted"] = outcome.counted_with("detail=evicted")
    figures["revoked tokens refused"] = outcome.refused_replays

    assert outcome.refused_replays > 0


@pytest.mark.parametrize("forge", FORGED)
def test_nobody_is_shown_what_was_forged(
    testbed: FleetTestbed, figures: dict[str, object], forge: Act
) -> None:
    outcome = testbed.harmless(
        held(again_and_again(forge, 0.02), 0.6, loses_marks=True), figures=figures
    )
    figures["counted as misses"] = outcome.counted_with("fwd=miss")

    assert outcome.counted_with("fwd=miss") > 0

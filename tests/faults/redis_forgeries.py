"""Bytes in the service's slots that the service never wrote there."""

from collections.abc import Iterator

from redis import Redis

_SLOTS = ("todos", "user")
_PX = 60_000
_WITHIN_THE_VALUE = 60
_OWNER = slice(1, 25)


def store_garbage(client: Redis) -> None:
    """Put bytes where values are that look like one and are none."""
    for key, _ in _values(client):
        client.set(key, b"V\x00\xff\xfe{]", px=_PX)


def break_off(client: Redis) -> None:
    """Leave only the beginning of every value: its owner is right, the rest is missing."""
    for key, value in _values(client):
        if len(value) > _WITHIN_THE_VALUE:
            client.set(key, value[:_WITHIN_THE_VALUE], px=_PX)


def exchange_owners(client: Redis) -> None:
    """Put the value of one user in the slot of another."""
    for slot in _SLOTS:
        held = list(_values(client, slot))
        for (key, _), (_, foreign) in zip(held, held[1:] + held[:1], strict=True):
            if foreign[_OWNER] not in key:
                client.set(key, foreign, px=_PX)


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
        pipeline.pexpire(key, _PX)
        pipeline.execute()

"""Entries: what is kept, for how long, and what is said of those that went."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.codec import CorruptValue
from service.coherence import entries as module
from service.coherence.cache import Empty
from service.coherence.entries import (
    DECODED,
    JITTER,
    MAX_ENTRY_BYTES,
    Entries,
    Omitted,
    pack_account,
    pack_todos,
    unpack_account,
    unpack_todos,
)
from service.coherence.fence import Fence, State
from service.domain import Account, CachedValue, TodoId, TodoList, UserId, now
from tests.fakes import ManualClock

FENCE = Fence("d", seq=1, state=State.ON, namespace=1, run_id="run-1")
ADA, BOB = UserId("a" * 24), UserId("b" * 24)
ACCOUNT = Account(ADA, "Ada", "ada@example.com", now(), 0, {"jti": 5.0})
TTL_S = {CachedValue.USER: 600.0, CachedValue.TODOS: 300.0}
VALUES: dict[CachedValue, Account | TodoList | None] = {
    CachedValue.USER: ACCOUNT,
    CachedValue.TODOS: TodoList(b"[]", None),
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def entries(clock: ManualClock) -> Entries:
    return Entries(TTL_S, clock=clock, jitter=lambda: 1.0)


@pytest.mark.parametrize("max_bytes", [1024, MAX_ENTRY_BYTES])
def test_of_a_list_that_is_too_large_only_that_is_kept(max_bytes: int) -> None:
    entries, header = Entries(TTL_S, max_bytes=max_bytes, jitter=lambda: 1.0), 48
    for excess in (0, 1):
        todos = TodoList(b"[" + b"x" * (max_bytes - header - 2 + excess) + b"]", None)
        packed = entries.pack(FENCE, ADA, {CachedValue.TODOS: todos})[CachedValue.TODOS]
        assert packed
        value = entries.unpack(ADA, CachedValue.TODOS, packed[0])

        assert value == (Omitted.TOO_LARGE if excess else todos)
        assert packed[1] == 300.0
        assert excess == (len(packed[0]) < 100)
        with pytest.raises(CorruptValue):
            entries.unpack(BOB, CachedValue.TODOS, packed[0])


def test_the_memory_that_decoded_accounts_take_is_bounded(entries: Entries) -> None:
    for revoked in range(0, 200, 20):
        account = replace(ACCOUNT, revoked={"x" * 36 + str(n): 5.0 for n in range(revoked)})
        packed = entries.pack(FENCE, ADA, {CachedValue.USER: account})[CachedValue.USER]
        assert packed
        assert entries.unpack(ADA, CachedValue.USER, packed[0]) == account
    kept = entries._unpack_account.cache_info()

    assert kept.maxsize == DECODED
    assert 0 < kept.currsize < 5


def test_entries_made_together_do_not_end_together() -> None:
    entries, todos = Entries(TTL_S), CachedValue.TODOS
    packed = [entries.pack(FENCE, ADA, {todos: VALUES[todos]})[todos] for _ in range(200)]
    ttls = [entry[1] for entry in packed if entry]

    assert len(set(ttls)) > 100
    assert 300 * (1 - JITTER) <= min(ttls) < 290
    assert 310 < max(ttls) <= 300 * (1 + JITTER)


@pytest.mark.parametrize(
    ("after_s", "was", "why"),
    [
        (299.0, Empty.ABSENT, "evicted"),
        # Redis counts whole milliseconds, so it may have ended a little before.
        (299.9985, Empty.ABSENT, "expired"),
        (300.0, Empty.ABSENT, "expired"),
        (0.0, Empty.INVALIDATED, "invalidated"),
    ],
)
def test_what_was_stored_here_was_evicted_expired_or_invalidated_and_anything_else_is_cold(
    entries: Entries, clock: ManualClock, after_s: float, was: Empty, why: str
) -> None:
    todos, absent = CachedValue.TODOS, Empty.ABSENT
    entries.pack(FENCE, ADA, VALUES)
    clock.advance(after_s)

    assert entries.why_empty(FENCE, BOB, todos, absent) == "cold"
    assert entries.why_empty(replace(FENCE, namespace=2), ADA, todos, absent) == "cold"
    assert entries.why_empty(FENCE, ADA, todos, was) == why
    assert entries.why_empty(FENCE, ADA, todos, absent) == "cold"


def test_only_the_latest_are_remembered(entries: Entries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    users = [UserId(f"{number:024x}") for number in range(3)]
    for user in (users[0], users[1], users[0], users[2]):
        entries.pack(FENCE, user, {CachedValue.TODOS: VALUES[CachedValue.TODOS]})
    reasons = [entries.why_empty(FENCE, user, CachedValue.TODOS, Empty.ABSENT) for user in users]

    assert reasons == ["evicted", "cold", "evicted"]


ids = st.binary(min_size=12, max_size=12).map(bytes.hex)
# Not all of Unicode, whose tables take Hypothesis seconds to make.
text = st.text('aä🐌"\\\0')
accounts = st.builds(
    Account,
    id=ids.map(UserId),
    name=text,
    email=text,
    created_at=st.just(now()),
    token_generation=st.integers(0, 2**53),
    revoked=st.dictionaries(text, st.floats(0, 1e11), max_size=3),
)


@settings(deadline=None)
@given(accounts)
def test_an_account_survives_the_round_trip(account: Account) -> None:
    assert unpack_account(account.id, pack_account(account)) == account


@settings(deadline=None)
@given(st.none() | ids.map(TodoId), st.binary(max_size=9))
def test_a_list_survives_the_round_trip(rest_after: TodoId | None, inside: bytes) -> None:
    todos = TodoList(b"[" + inside + b"]", rest_after)

    assert unpack_todos(ADA, pack_todos(ADA, todos)) == todos


def test_what_is_no_account_is_corrupt() -> None:
    cut = [pack_account(ACCOUNT)[:-length] for length in range(1, 24)]
    for entry in (b"", b"{}", ADA.encode(), ADA.encode() + b"{}", b"\xff" * 99, *cut):
        with pytest.raises(CorruptValue):
            unpack_account(ADA, entry)


@pytest.mark.parametrize(
    "rest", [b"", b"[]", b"-" * 24, b"-" * 24 + b"{}", b"-" * 24 + b"[", b"\xff" * 24 + b"[]"]
)
def test_what_is_no_list_is_corrupt(rest: bytes) -> None:
    with pytest.raises(CorruptValue):
        unpack_todos(ADA, ADA.encode() + rest)

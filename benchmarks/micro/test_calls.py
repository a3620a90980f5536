"""The computations of a request that wait for nothing."""

import uuid

import pytest

from benchmarks.micro.measure import Benchmark, describe
from benchmarks.micro.site import MOMENT, SECRET, TODOS, USER, account, list_entry, user_entry
from benchmarks.variants.rivals.naive import entry_key
from service.adapters.redis.leased import _prefix
from service.codec import decode_todos
from service.coherence.entries import unpack_account, unpack_todos
from service.coherence.fence import Fence, State
from service.domain import CachedValue, TokenId
from service.security import Claims, Tokens, ensure_not_revoked

# A round of half a millisecond holds thousands of calls: the timer costs nothing, and a file of
# raw data stays small.
pytestmark = pytest.mark.benchmark(min_time=0.0005, max_time=0.4)

FIRST_VERIFICATIONS = 2_000
FENCE = Fence(deployment="a" * 12, seq=1, state=State.ON, namespace=1, run_id="run")


def test_verify_token_cold(benchmark: Benchmark) -> None:
    """Verify tokens that were never seen: signature and claims."""
    tokens = Tokens(SECRET, lifetime_s=3600)
    describe(
        benchmark, group="token verification", variant="cold", outcome="verified", reference=True
    )
    benchmark.pedantic(
        tokens.verify,
        setup=lambda: ((tokens.issue(USER, generation=0),), {}),
        rounds=FIRST_VERIFICATIONS,
    )


def test_verify_token_memo(benchmark: Benchmark) -> None:
    """Verify a token that was verified before."""
    tokens = Tokens(SECRET, lifetime_s=3600)
    token = tokens.issue(USER, generation=0)
    tokens.verify(token)
    describe(benchmark, group="token verification", variant="memo", outcome="remembered")
    benchmark(tokens.verify, token)


def test_build_key_cached(benchmark: Benchmark) -> None:
    """Build the key of one slot in a namespace."""
    describe(benchmark, group="key build", variant="cached", outcome="built")
    benchmark(lambda: _prefix(FENCE, USER) + CachedValue.TODOS)


def test_build_key_naive(benchmark: Benchmark) -> None:
    """Build the key of one slot, as the naive layer does."""
    describe(benchmark, group="key build", variant="naive", outcome="built", reference=True)
    benchmark(entry_key, "fivefold", USER, CachedValue.TODOS)


def test_decode_user_entry(benchmark: Benchmark) -> None:
    """Decode and validate the entry of the user slot."""
    entry = user_entry()
    describe(
        benchmark,
        group="decode of the user entry",
        variant="decoded",
        outcome="decoded",
        reference=True,
        payload_bytes=len(entry),
    )
    benchmark(unpack_account, USER, entry)


@pytest.mark.parametrize("todos", TODOS)
def test_decode_list_entry(benchmark: Benchmark, todos: int) -> None:
    """Check the entry of the todos slot and take its body out, which goes out as it is."""
    entry = list_entry(todos)
    describe(
        benchmark,
        group=f"decode of the list entry, {todos:3} todos",
        variant="body only",
        outcome="decoded",
        payload_bytes=len(entry),
    )
    benchmark(unpack_todos, USER, entry)


@pytest.mark.parametrize("todos", TODOS)
def test_parse_list_entry(benchmark: Benchmark, todos: int) -> None:
    """Parse every todo of a list, as ``GET /todo/{id}`` does."""
    body = unpack_todos(USER, list_entry(todos)).body
    describe(
        benchmark,
        group=f"decode of the list entry, {todos:3} todos",
        variant="every todo",
        outcome="decoded",
        reference=True,
        payload_bytes=len(body),
    )
    benchmark(decode_todos, body)


@pytest.mark.parametrize("revoked", [0, 100])
def test_check_denylist(benchmark: Benchmark, revoked: int) -> None:
    """Hold a token against its account's denylist."""
    claims = Claims(USER, TokenId(str(uuid.uuid4())), MOMENT.timestamp(), 0)
    describe(
        benchmark,
        group="denylist check",
        variant=f"{revoked} revoked",
        outcome="admitted",
        reference=revoked == 0,
    )
    benchmark(ensure_not_revoked, claims, account(revoked=revoked))

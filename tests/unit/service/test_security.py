import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from service import security
from service.adapters.database import DatabaseRepository
from service.domain import (
    Account,
    AccountChange,
    NewAccount,
    Revisions,
    TodoChange,
    TodoId,
    TokenId,
    UserId,
)
from service.errors import ExpiredToken, InvalidToken, RevokedToken
from service.security import LEEWAY_S, MAX_TOKEN_BYTES, Claims, Session, Tokens, ensure_not_revoked
from tests.fakes import FakeTodos, FakeUsers, new_todo
from tests.security.forgery import HEADER, SECRET, claims, token

ADA = UserId("a" * 24)
JTI = "12345678-1234-4234-8234-123456789abc"
NOON = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
ALL_CLAIMS = ("exp", "iat", "nbf", "sub", "jti", "iss", "aud", "gen")


def forge(
    *, key: str = SECRET, without: str = "", header: Mapping[str, Any] | None = None, **changes: Any
) -> str:
    """Make a good token, but for what the arguments say."""
    payload = claims() | {"sub": ADA, "jti": JTI} | changes
    payload.pop(without, None)
    said = {name: value for name, value in (HEADER | dict(header or {})).items() if value}
    return token(said, payload, key=key).decode()


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET, lifetime_s=60)


def refuse(tokens: Tokens, token: str) -> None:
    with pytest.raises(InvalidToken) as error:
        tokens.verify(token)
    assert type(error.value) is InvalidToken


@pytest.mark.usefixtures("time_zone")
@pytest.mark.parametrize("minutes", [1, 60])
def test_a_token_counts_for_its_lifetime_in_any_time_zone(minutes: int) -> None:
    tokens = Tokens(SECRET, lifetime_s=minutes * 60)
    with time_machine.travel(NOON, tick=False) as clock:
        issued = tokens.issue(ADA, generation=3)
        at_once = tokens.verify(issued)
        clock.shift(minutes * 60 + LEEWAY_S - 1)
        late = tokens.verify(issued)
        clock.shift(1)
        with pytest.raises(ExpiredToken):
            tokens.verify(issued)

    assert at_once == late
    assert (at_once.user_id, at_once.generation) == (ADA, 3)
    assert at_once.expires_at == NOON.timestamp() + minutes * 60


def test_a_token_from_a_clock_ahead_counts_within_the_leeway(tokens: Tokens) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = tokens.issue(ADA, generation=0)
        clock.shift(-LEEWAY_S)
        tokens.verify(token)
        clock.shift(-1)
        refuse(tokens, token)


def test_every_token_has_an_id_of_its_own(tokens: Tokens) -> None:
    ids = {tokens.verify(tokens.issue(ADA, generation=0)).token_id for _ in range(10)}

    assert len(ids) == 10


@pytest.mark.parametrize(
    "changes",
    [
        *({"without": claim} for claim in ALL_CLAIMS),
        {"key": SECRET[::-1]},
        {"key": SECRET[::-1], "exp": 1},
        {"header": {"alg": "HS384"}},
        {"header": {"alg": "HS512"}},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": None}},
        {"aud": "others"},
        {"aud": ["fivefold", "others"]},
        {"aud": ["fivefold"]},
        {"iss": "others"},
        {"sub": "a" * 23},
        {"sub": "A" * 24},
        {"sub": "a" * 24 + "\n"},
        {"sub": 7},
        {"jti": "not a uuid"},
        {"jti": JTI + "\n"},
        {"jti": 7},
        {"gen": "0"},
        {"gen": 0.0},
        {"gen": True},
        {"gen": None},
        {"exp": None},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"exp": security.LAST_EXPIRY + 1},
        {"exp": "4102444800"},
        {"exp": 4102444800.5},
        {"iat": "today"},
        {"nbf": float("inf")},
    ],
    ids=repr,
)
def test_a_token_that_lacks_a_claim_or_says_something_else_is_refused(
    changes: dict[str, Any], tokens: Tokens
) -> None:
    tokens.verify(forge())
    refuse(tokens, forge(**changes))


def test_an_unsigned_token_and_one_with_another_payload_are_refused(tokens: Tokens) -> None:
    header, payload, signature = forge().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    refuse(tokens, f"{header}.{part(claims | {'sub': 'b' * 24})}.{signature}")
    for algorithm in ("none", "None", "NONE", ""):
        unsigned = part({"alg": algorithm, "typ": "at+jwt"})
        refuse(tokens, f"{unsigned}.{payload}.")
        refuse(tokens, f"{unsigned}.{payload}.{signature}")


def test_a_token_longer_than_any_of_ours_is_refused_unread(tokens: Tokens) -> None:
    longest = forge(padding="x" * (MAX_TOKEN_BYTES * 3 // 4 - 400))
    too_long = forge(padding="x" * MAX_TOKEN_BYTES)
    tokens.verify(longest)
    refuse(tokens, too_long)


def account(generation: int = 2, **revoked: float) -> Account:
    return Account(ADA, "Ada", "ada@example.com", NOON, generation, revoked)


CLAIMS = Claims(ADA, TokenId("token"), 0.0, 2)


def test_a_token_counts_for_the_present_generation_unless_it_is_on_the_list() -> None:
    assert ensure_not_revoked(CLAIMS, account(other=1.0)) == account(other=1.0)
    for revoking in (account(1), account(3), account(token=1.0)):
        with pytest.raises(RevokedToken):
            ensure_not_revoked(CLAIMS, revoking)


def test_only_so_many_tokens_are_remembered(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "REMEMBERED", 3)
    issued = [tokens.issue(ADA, generation=0) for _ in range(5)]
    claims = [tokens.verify(token) for token in issued]

    refuse(tokens, forge(iss="somebody else"))

    assert list(tokens._verified) == issued[-3:]
    assert [tokens.verify(token) for token in issued] == claims


TOKEN = TokenId("token")
NO_TODO = TodoId("0" * 24)
MILK = new_todo("Milk", "")


@pytest.fixture
async def ada(users: FakeUsers) -> Account:
    return await users.insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
def session(users: FakeUsers, todos: FakeTodos, ada: Account) -> Session:
    return Session(Claims(ada.id, TOKEN, 0.0, 0), DatabaseRepository(users, todos), todos)


OPERATIONS = {
    "account": lambda session: session.account(),
    "todo_list": lambda session: session.todo_list(),
    "todo_page": lambda session: session.todo_page(after=NO_TODO, limit=None, completed=None),
    "todo": lambda session: session.todo(NO_TODO),
    "create_todo": lambda session: session.create_todo(MILK),
    "update_todo": lambda session: session.update_todo(NO_TODO, TodoChange({})),
    "delete_todo": lambda session: session.delete_todo(NO_TODO, Revisions()),
}


def test_no_operation_of_a_session_is_forgotten_here() -> None:
    public = {name for name in vars(Session) if not name.startswith("_")}

    assert public == OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_revoked_token_may_do_nothing(
    name: str, session: Session, users: FakeUsers, todos: FakeTodos, ada: Account
) -> None:
    await users.revoke(ada.id, TOKEN, 0.0)
    with pytest.raises(RevokedToken):
        await OPERATIONS[name](session)
    await users.update(ada.id, AccountChange(end_tokens=True))
    with pytest.raises(RevokedToken):
        await OPERATIONS[name](session)
    await users.delete(ada.id)
    with pytest.raises(InvalidToken) as error:
        await OPERATIONS[name](session)

    assert not isinstance(error.value, RevokedToken)
    assert todos.calls.keys() <= {"page", "find"}

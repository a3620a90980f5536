"""Access tokens, and what a caller with one may read and write.

The tokens are JWTs of one fixed kind, verified strictly (RFC 7519, RFC 8725).
"""

import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt

from service.codec import encode_todos
from service.domain import (
    Account,
    CachedValue,
    NewTodo,
    Revisions,
    Snapshot,
    Todo,
    TodoChange,
    TodoId,
    TodoList,
    TodoSnapshot,
    TokenId,
    UserId,
)
from service.errors import ExpiredToken, InvalidToken, NotFound, RevokedToken
from service.ports import CachedValues, Repository, Todos
from service.trace import PAGED, current

ALGORITHM = "HS256"
ISSUER = "fivefold"
AUDIENCE = "fivefold"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the media type of RFC 9068, not a secret
LEEWAY_S = 10
# The beginning of the year 9999, the last that a date in the database, where revoked tokens are
# kept for a while longer, can hold.
LAST_EXPIRY = 253_370_764_800
MAX_TOKEN_BYTES = 4096
REMEMBERED = 10_000
_CLAIMS = ["exp", "iat", "nbf", "sub", "jti", "iss", "aud", "gen"]
_USER_ID = re.compile(r"[0-9a-f]{24}")
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token: its user, its id, its expiry, its generation."""

    user_id: UserId
    token_id: TokenId
    expires_at: float
    generation: int


_NEVER = Claims(UserId(""), TokenId(""), 0.0, 0), float("inf")


class Tokens:
    """Issue and verify the service's access tokens."""

    def __init__(self, secret: str, *, lifetime_s: int) -> None:
        self._secret = secret
        self.lifetime_s = lifetime_s
        self._verified: dict[str, tuple[Claims, float]] = {}
        self._jwt = jwt.PyJWT(
            options={"require": _CLAIMS, "strict_aud": True, "enforce_minimum_key_length": True}
        )

    def issue(self, user_id: UserId, *, generation: int) -> str:
        """Return a new token for this user and token generation."""
        issued_at = int(time.time())
        claims = {
            "sub": user_id,
            "jti": str(uuid.uuid4()),
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + self.lifetime_s,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "gen": generation,
        }
        return self._jwt.encode(
            claims, self._secret, algorithm=ALGORITHM, headers={"typ": TOKEN_TYPE}
        )

    def verify(self, token: str) -> Claims:
        """Return the claims of a token; raises ``ExpiredToken`` or ``InvalidToken``.

        A token that was verified before is only looked at for its expiry. Whether it was revoked
        is not known here, and asked every time: see :func:`ensure_not_revoked`.
        """
        now = time.time()
        claims, verified_at = self._verified.get(token, _NEVER)
        # Before `verified_at`, after a clock was set back, the token may not count yet.
        if verified_at <= now < claims.expires_at + LEEWAY_S:
            return claims
        claims = self._verify(token)
        if len(self._verified) >= REMEMBERED:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = claims, now
        return claims

    def _verify(self, token: str) -> Claims:
        if len(token) > MAX_TOKEN_BYTES:
            raise InvalidToken
        try:
            decoded = self._jwt.decode_complete(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_S,
            )
        except jwt.ExpiredSignatureError as error:
            raise ExpiredToken from error
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            raise InvalidToken from error
        return _claims(decoded)


def _claims(decoded: dict[str, Any]) -> Claims:
    header, payload = decoded["header"], decoded["payload"]
    sub, jti, gen, exp = (payload[name] for name in ("sub", "jti", "gen", "exp"))
    if (
        header.get("typ") != TOKEN_TYPE
        or not _USER_ID.fullmatch(sub)
        or not _UUID4.fullmatch(jti)
        or type(gen) is not int
        or type(exp) is not int
        or exp > LAST_EXPIRY
    ):
        raise InvalidToken
    return Claims(UserId(sub), TokenId(jti), float(exp), gen)


def ensure_not_revoked(claims: Claims, account: Account | None) -> Account:
    """Return the account if the token still counts for it.

    Raises ``InvalidToken`` for an account that is gone and ``RevokedToken`` for a token that was
    logged out or belongs to an older generation.
    """
    if account is None:
        raise InvalidToken
    if claims.generation != account.token_generation or claims.token_id in account.revoked:
        raise RevokedToken
    return account


class Session:
    """One request's caller; every operation checks the token against the account that it read.

    All methods raise ``InvalidToken`` or ``RevokedToken``, and ``DatabaseUnavailable``.
    """

    def __init__(self, claims: Claims, repository: Repository, todos: Todos) -> None:
        self.claims = claims
        self._repository = repository
        self._todos = todos

    async def account(self) -> Account:
        """Return the caller's account."""
        account, _ = await self._read((CachedValue.USER,))
        return account

    async def todo_list(self) -> TodoList:
        """Return the first page of the caller's todos."""
        _, snapshot = await self._read((CachedValue.USER, CachedValue.TODOS))
        if snapshot.todos is None:
            raise InvalidToken
        return snapshot.todos

    async def todo_page(
        self, *, after: TodoId | None, limit: int | None, completed: bool | None
    ) -> TodoList:
        """Return a later page, or a part of one; only the whole first page is cached."""
        await self.account()
        current().outcomes[CachedValue.TODOS] = PAGED
        page = await self._todos.page(
            self.claims.user_id, after=after, limit=limit, completed=completed
        )
        return TodoList(encode_todos(page.todos), page.rest_after)

    async def todo(self, todo_id: TodoId) -> Todo:
        """Return one todo of the caller; raises ``NotFound``."""
        snapshot = await self._repository.todo(self.claims.user_id, todo_id)
        self._admitted(snapshot)
        if snapshot.todo is None:
            raise NotFound
        return snapshot.todo

    async def create_todo(self, todo: NewTodo) -> Todo:
        """Create a todo; raises ``QuotaReached`` and ``KeyReused``."""
        await self.account()
        async with self._repository.write(self.claims.user_id, CachedValue.TODOS):
            return await self._todos.insert(self.claims.user_id, todo)

    async def update_todo(self, todo_id: TodoId, change: TodoChange) -> Todo:
        """Change a todo; raises ``NotFound`` and ``RevisionMismatch``."""
        await self.account()
        async with self._repository.write(self.claims.user_id, CachedValue.TODOS):
            return await self._todos.update(self.claims.user_id, todo_id, change)

    async def delete_todo(self, todo_id: TodoId, revisions: Revisions) -> None:
        """Remove a todo; raises ``NotFound`` and ``RevisionMismatch``."""
        await self.account()
        async with self._repository.write(self.claims.user_id, CachedValue.TODOS):
            await self._todos.delete(self.claims.user_id, todo_id, revisions)

    async def _read(self, kinds: CachedValues) -> tuple[Account, Snapshot]:
        snapshot = await self._repository.read(self.claims.user_id, kinds)
        return self._admitted(snapshot), snapshot

    def _admitted(self, snapshot: Snapshot | TodoSnapshot) -> Account:
        """Return the account if the token counts for it, and note how its values were come by."""
        current().outcomes.update(snapshot.outcomes)
        return ensure_not_revoked(self.claims, snapshot.account)

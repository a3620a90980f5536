"""Registration, login, logout, and changes of an account."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from service.attempts import Attempt, Attempts
from service.domain import Account, AccountChange, CachedValue, Credentials, NewAccount, Rule
from service.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
    RateLimited,
    Unavailable,
    WrongPassword,
)
from service.passwords import Passwords
from service.ports import Repository, Todos, Users
from service.security import Session, Tokens

# A login writes nothing where its address was remembered lately.
_REMEMBER_AGAIN_S = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The use cases around accounts. All raise ``DatabaseUnavailable`` and ``Overloaded``.

    Attempts to prove a password are limited per account, and by the request guard per address;
    only failures count, so that logging in often locks no owner out. Addresses that logged in
    lately, and owners who are signed in, have a share of their own, so that strangers who guess
    keep out strangers only.
    """

    users: Users
    todos: Todos
    repository: Repository
    passwords: Passwords
    tokens: Tokens
    attempts: Attempts
    login_rule: Rule
    register_rule: Rule
    key_secret: str

    async def register(self, *, name: str, email: str, password: str, address: str = "") -> Account:
        """Create an account; raises ``EmailTaken``."""
        # Asked for first, because a hash costs a hundred times as much.
        if await self.users.find_credentials(email) is not None:
            raise EmailTaken
        password_hash = await self.passwords.hash(password, caller=address)
        return await self.users.insert(NewAccount(name, email, password_hash))

    async def login(self, *, email: str, password: str, address: str = "") -> str:
        """Return a new token; raises ``InvalidCredentials`` and ``RateLimited``.

        ``address`` is where the caller is.
        """
        known_as = self._digest(address)
        async with self._login_attempt(email, known_as) as attempt:
            credentials = await self._check(email, password, attempt, caller=address)
        remembered_at = credentials.known_addresses.get(known_as, 0.0)
        if remembered_at < time.time() - _REMEMBER_AGAIN_S:
            await self.users.remember(credentials.user_id, known_as)
        return self.tokens.issue(credentials.user_id, generation=credentials.token_generation)

    async def logout(self, session: Session) -> None:
        """Revoke the session's token."""
        await session.account()
        claims = session.claims
        async with self.repository.write(claims.user_id, CachedValue.USER):
            await self.users.revoke(claims.user_id, claims.token_id, claims.expires_at)

    async def logout_everywhere(self, session: Session) -> None:
        """Revoke every token of the account that was issued so far."""
        account = await session.account()
        await self._change(account, AccountChange(end_tokens=True))

    async def change(
        self,
        session: Session,
        *,
        name: str | None,
        email: str | None,
        password: str | None,
        current_password: str | None,
    ) -> Account:
        """Change the profile; a new password ends every older token.

        Raises ``WrongPassword`` unless a new password or e-mail comes with the present password,
        ``EmailTaken`` and ``RateLimited``.
        """
        account = await session.account()
        moves = email not in (None, account.email)
        change = AccountChange(name=name, email=email)
        async with AsyncExitStack() as stack:
            if moves:
                await stack.enter_async_context(self._email_attempt(account))
            if moves or password is not None:
                credentials = await self._prove(account, current_password or "")
                change = replace(change, if_password_hash=credentials.password_hash)
            if password is not None:
                password_hash = await self.passwords.hash(password, caller=account.id)
                change = replace(change, password_hash=password_hash, end_tokens=True)
            changed = await self._change(account, change)
        if changed is None:
            raise WrongPassword if change.if_password_hash is not None else InvalidToken
        return changed

    async def delete(self, session: Session) -> None:
        """Remove the account, its tokens and its todos."""
        user_id = (await session.account()).id
        async with self.repository.write(user_id, *CachedValue):
            # The account goes first: without it no request can read or add todos.
            await self.users.delete(user_id)
            await self.todos.delete_all(user_id)

    async def _change(self, account: Account, change: AccountChange) -> Account | None:
        async with self.repository.write(account.id, CachedValue.USER):
            return await self.users.update(account.id, change)

    async def _prove(self, account: Account, password: str) -> Credentials:
        """Return the credentials of a signed-in user; raises ``WrongPassword``."""
        try:
            async with self.attempts.attempt(self.login_rule, f"user:{account.id}") as attempt:
                return await self._check(account.email, password, attempt, caller=account.id)
        except InvalidCredentials as error:
            raise WrongPassword from error

    @asynccontextmanager
    async def _email_attempt(self, account: Account) -> AsyncIterator[None]:
        """Enclose what tells whether an e-mail is taken: as seldom as registration does.

        What ends before it is told uses up nothing.
        """
        key = f"email:{account.id}"
        async with self.attempts.attempt(self.register_rule, key) as attempt:
            try:
                yield
            except (RateLimited, Unavailable, WrongPassword):
                attempt.counts = False
                raise

    @asynccontextmanager
    async def _login_attempt(self, email: str, known_as: str) -> AsyncIterator[Attempt]:
        """Enclose a login by the share of strangers, or by the caller's own."""
        key = f"account:{self._digest(email)}"
        async with AsyncExitStack() as stack:
            try:
                attempt = await stack.enter_async_context(
                    self.attempts.attempt(self.login_rule, key)
                )
            except RateLimited:
                credentials = await self.users.find_credentials(email)
                if credentials is None or known_as not in credentials.known_addresses:
                    raise
                attempt = await stack.enter_async_context(
                    self.attempts.attempt(self.login_rule, f"{key}:{known_as}")
                )
            yield attempt

    async def _check(
        self, email: str, password: str, attempt: Attempt, *, caller: str
    ) -> Credentials:
        """Return the credentials; only an attempt without the right password counts."""
        attempt.counts = False
        credentials = await self.users.find_credentials(email)
        stored = credentials.password_hash if credentials else None
        matches, better_hash = await self.passwords.verify(password, stored, caller=caller)
        if credentials is None or not matches:
            attempt.counts = True
            raise InvalidCredentials
        if better_hash is None:
            return credentials
        await self.users.update(
            credentials.user_id,
            AccountChange(password_hash=better_hash, if_password_hash=credentials.password_hash),
        )
        return replace(credentials, password_hash=better_hash)

    def _digest(self, text: str) -> str:
        # Keyed, so that keys of the limiter and documents tell neither an e-mail nor an address.
        return hmac.new(self.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()

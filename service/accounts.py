"""Registration, login, logout, and changes of an account."""

import hashlib
import hmac

from service.domain import Account, AccountChange, CachedValue, Credentials, NewAccount
from service.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
    RateLimited,
    Unavailable,
    WrongPassword,
)
from service.limits import Rule
from service.passwords import Passwords
from service.ports import RateLimiter, Repository, Todos, Users
from service.security import Tokens
from service.sessions import Session


class Accounts:
    """The use cases around accounts. All raise ``DatabaseUnavailable`` and ``Overloaded``.

    Attempts to prove a password are limited per account, and by the request guard per address;
    only failures count, so that nobody is locked out by logging in often.
    """

    def __init__(
        self,
        *,
        users: Users,
        todos: Todos,
        repository: Repository,
        passwords: Passwords,
        tokens: Tokens,
        limiter: RateLimiter,
        login_rule: Rule,
        key_secret: str,
    ) -> None:
        self._users = users
        self._todos = todos
        self._repository = repository
        self._passwords = passwords
        self._tokens = tokens
        self._limiter = limiter
        self._login_rule = login_rule
        self._key_secret = key_secret.encode()

    async def register(self, *, name: str, email: str, password: str) -> Account:
        """Create an account; raises ``EmailTaken``."""
        # Asked for first, because a hash costs a hundred times as much.
        if await self._users.find_credentials(email) is not None:
            raise EmailTaken
        password_hash = await self._passwords.hash(password)
        return await self._users.insert(NewAccount(name, email, password_hash))

    async def login(self, *, email: str, password: str) -> str:
        """Return a new token; raises ``InvalidCredentials`` and ``RateLimited``."""
        credentials = await self._prove(email, password)
        return self._tokens.issue(credentials.user_id, generation=credentials.token_generation)

    async def logout(self, session: Session) -> None:
        """Revoke the session's token."""
        await session.account()
        claims = session.claims
        async with self._repository.write(claims.user_id, CachedValue.USER):
            await self._users.revoke(claims.user_id, claims.token_id, claims.expires_at)

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

        Raises ``WrongPassword`` unless a new password comes with the present one,
        ``EmailTaken`` and ``RateLimited``.
        """
        account = await session.account()
        change = AccountChange(name=name, email=email)
        if password is not None:
            try:
                credentials = await self._prove(account.email, current_password or "")
            except InvalidCredentials as error:
                raise WrongPassword from error
            change = AccountChange(
                name=name,
                email=email,
                password_hash=await self._passwords.hash(password),
                if_password_hash=credentials.password_hash,
                end_tokens=True,
            )
        changed = await self._change(account, change)
        if changed is None:
            raise WrongPassword if password is not None else InvalidToken
        return changed

    async def delete(self, session: Session) -> None:
        """Remove the account, its tokens and its todos."""
        user_id = (await session.account()).id
        async with self._repository.write(user_id, *CachedValue):
            # The account goes first: without it nobody can read or add todos.
            await self._users.delete(user_id)
            await self._todos.delete_all(user_id)

    async def _change(self, account: Account, change: AccountChange) -> Account | None:
        async with self._repository.write(account.id, CachedValue.USER):
            return await self._users.update(account.id, change)

    async def _prove(self, email: str, password: str) -> Credentials:
        key = self._account_key(email)
        attempt = await self._limiter.hit(self._login_rule, key)
        if not attempt.admitted:
            raise RateLimited(attempt)
        try:
            credentials = await self._check(email, password)
        except Unavailable:
            await self._limiter.refund(key, attempt)
            raise
        await self._limiter.refund(key, attempt)
        return credentials

    async def _check(self, email: str, password: str) -> Credentials:
        credentials = await self._users.find_credentials(email)
        if credentials is None:
            await self._passwords.verify_nobody(password)
            raise InvalidCredentials
        matches, better_hash = await self._passwords.verify(password, credentials.password_hash)
        if not matches:
            raise InvalidCredentials
        if better_hash is None:
            return credentials
        await self._users.update(
            credentials.user_id,
            AccountChange(password_hash=better_hash, if_password_hash=credentials.password_hash),
        )
        return Credentials(credentials.user_id, better_hash, credentials.token_generation)

    def _account_key(self, email: str) -> str:
        # Keyed, so that whoever reads the limiter's keys learns no e-mail.
        digest = hmac.new(self._key_secret, email.encode(), hashlib.sha256)
        return f"account:{digest.hexdigest()}"

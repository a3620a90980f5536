"""Accounts in MongoDB, one document each, so that one read both identifies and authorises."""

from datetime import UTC, datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from service.adapters.mongo.client import Database, Indexes, database_call
from service.adapters.mongo.documents import (
    ACCOUNT_PROJECTION,
    Document,
    account_from_document,
)
from service.domain import (
    KNOWN_ADDRESSES,
    KNOWN_S,
    REVOKED_QUOTA,
    Account,
    AccountChange,
    Credentials,
    NewAccount,
    TokenId,
    UserId,
    now,
)
from service.errors import EmailTaken
from service.security import LEEWAY_S

# A revoked id is kept this much longer than the token lives, for processes whose clocks are late.
REVOCATION_SLACK_S = LEEWAY_S + 24 * 3600


class MongoUsers:
    """The ``Users`` port over the collection ``users``."""

    def __init__(self, database: Database, indexes: Indexes) -> None:
        self._users = database["users"]
        self._indexes = indexes

    async def insert(self, account: NewAccount) -> Account:
        """Store a new account; raises ``EmailTaken``."""
        await self._indexes.ensure()
        document: Document = {
            "_id": ObjectId(),
            "name": account.name,
            "email": account.email,
            "password_hash": account.password_hash,
            "created_at": now(),
            "token_generation": 0,
            "revoked_tokens": [],
        }
        try:
            with database_call():
                await self._users.insert_one(document)
        except DuplicateKeyError as error:
            raise EmailTaken from error
        return account_from_document(document)

    async def find(self, user_id: UserId) -> Account | None:
        """Return the account, without its password hash."""
        with database_call():
            document = await self._users.find_one({"_id": ObjectId(user_id)}, ACCOUNT_PROJECTION)
        return account_from_document(document) if document else None

    async def find_credentials(self, email: str) -> Credentials | None:
        """Return what login compares against, by lower-case e-mail."""
        with database_call():
            document = await self._users.find_one(
                {"email": email},
                {"password_hash": 1, "token_generation": 1, "known_addresses": 1},
            )
        if document is None:
            return None
        return Credentials(
            user_id=UserId(str(document["_id"])),
            password_hash=str(document.get("password_hash") or ""),
            token_generation=int(document.get("token_generation") or 0),
            known_addresses=_known(document.get("known_addresses")),
        )

    async def update(self, user_id: UserId, change: AccountChange) -> Account | None:
        """Apply a change atomically and return the account after it; raises ``EmailTaken``."""
        filter_: Document = {"_id": ObjectId(user_id)}
        if change.if_password_hash is not None:
            filter_["password_hash"] = change.if_password_hash
        fields = {"name": change.name, "email": change.email, "password_hash": change.password_hash}
        update: Document = {
            "$set": {name: value for name, value in fields.items() if value is not None}
            | {"updated_at": now()}
        }
        if change.end_tokens:
            update["$inc"] = {"token_generation": 1}
            update["$set"]["revoked_tokens"] = []
        try:
            with database_call():
                document = await self._users.find_one_and_update(
                    filter_,
                    update,
                    projection=ACCOUNT_PROJECTION,
                    return_document=ReturnDocument.AFTER,
                )
        except DuplicateKeyError as error:
            raise EmailTaken from error
        return account_from_document(document) if document else None

    async def revoke(self, user_id: UserId, token_id: TokenId, expires_at: float) -> None:
        """Add a token id to the account; drop those that no clock would accept any more.

        Where there would be more than :data:`REVOKED_QUOTA`, every token is ended instead.

        That is decided by the database's clock: of a process whose own is ahead, the others would
        accept again what it had dropped.
        """
        keep_until = datetime.fromtimestamp(expires_at + REVOCATION_SLACK_S, UTC)
        still_dangerous = {
            "$filter": {
                "input": {"$ifNull": ["$revoked_tokens", []]},
                # As numbers: SecantusDB compares its own instant with no other.
                "cond": {"$gt": [{"$toLong": "$$this.expires_at"}, {"$toLong": "$$NOW"}]},
            }
        }
        entry = {"jti": token_id, "expires_at": keep_until}
        revoked = {"$concatArrays": [still_dangerous, [entry]]}
        too_many = {"$gt": [{"$size": "$revoked_tokens"}, REVOKED_QUOTA]}
        generation = {"$ifNull": ["$token_generation", 0]}
        every = {
            "token_generation": {"$add": [generation, {"$cond": [too_many, 1, 0]}]},
            "revoked_tokens": {"$cond": [too_many, [], "$revoked_tokens"]},
        }
        with database_call():
            await self._users.update_one(
                {"_id": ObjectId(user_id)},
                [{"$set": {"revoked_tokens": revoked}}, {"$set": every}],
            )

    async def remember(self, user_id: UserId, address: str) -> None:
        """Keep the digest of an address that logged in, beside the last few others."""
        others = {
            "$filter": {
                "input": {"$ifNull": ["$known_addresses", []]},
                "cond": {"$ne": ["$$this.address", address]},
            }
        }
        known = {"$concatArrays": [[{"address": address, "at": now()}], others]}
        with database_call():
            await self._users.update_one(
                {"_id": ObjectId(user_id)},
                [{"$set": {"known_addresses": {"$slice": [known, KNOWN_ADDRESSES]}}}],
            )

    async def delete(self, user_id: UserId) -> None:
        """Remove the account; its tokens end with it."""
        with database_call():
            await self._users.delete_one({"_id": ObjectId(user_id)})


def _known(stored: list[Document] | None) -> dict[str, float]:
    since = now().timestamp() - KNOWN_S
    known = {each["address"]: each["at"].timestamp() for each in stored or ()}
    return {address: at for address, at in known.items() if at > since}

"""The uncached read asks for the account first and for the todos after."""

import sys

from fastapi import FastAPI

from service import app as service_app
from service import bootstrap
from service.adapters.database import DatabaseRepository
from service.domain import CachedValue, Snapshot, UserId
from service.ports import CachedValues
from service.server import serve


class SequentialRepository(DatabaseRepository):
    """One find after the other."""

    async def read(self, user_id: UserId, slots: CachedValues) -> Snapshot:
        """Find the account and, for somebody who exists, the todos."""
        if len(slots) == 1:
            return await super().read(user_id, slots)
        account = (await super().read(user_id, (CachedValue.USER,))).account
        todos = (await super().read(user_id, (CachedValue.TODOS,))).todos if account else None
        return Snapshot(account, todos)


def from_environment() -> FastAPI:
    """Return the service with sequential finds."""
    setattr(bootstrap, "DatabaseRepository", SequentialRepository)  # noqa: B010 - a type's place
    return service_app.from_environment()


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_concurrent_finds", "from_environment"))

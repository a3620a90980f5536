"""The run-time flag of the Redis layer: one document that every process follows.

Turning the layer on, and dropping its content, moves to a new epoch. The epoch is part of every
key, so what was cached before can never be addressed again, however long Redis keeps it.
"""

import asyncio
from contextlib import suppress

from pymongo import ReturnDocument

from service.adapters.mongo.client import Database, Document, database_call
from service.errors import DatabaseUnavailable
from service.ports import CacheStatus

POLL_S = 0.3
_KEY = {"_id": "cache"}


class DeploymentSwitch:
    """The ``CacheControl`` of a process that has the Redis layer.

    Until the document was read once the layer counts as off. A process sees a change made by
    another within :data:`POLL_S` seconds.
    """

    def __init__(self, database: Database) -> None:
        self._state = database["cache_state"]
        self._enabled = False
        self._epoch = 0
        self._poller: asyncio.Task[None] | None = None

    def enabled(self) -> bool:
        """Tell whether reads may use the cache, as far as this process knows."""
        return self._enabled

    def epoch(self) -> int:
        """Return the epoch that keys of this process carry."""
        return self._epoch

    async def start(self) -> None:
        """Read the document, then follow it in the background."""
        with suppress(DatabaseUnavailable):
            await self._refresh()
        self._poller = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following."""
        if self._poller is not None:
            self._poller.cancel()
            with suppress(asyncio.CancelledError):
                await self._poller

    async def status(self) -> CacheStatus:
        """Tell the state and the epoch."""
        await self._refresh()
        return CacheStatus("on" if self._enabled else "off", self._epoch)

    async def switch(self, *, enabled: bool) -> CacheStatus:
        """Turn the layer on or off; turning it on starts from an empty cache."""
        return await self._change({"$set": {"enabled": enabled}, "$inc": {"epoch": 1}})

    async def drop(self) -> CacheStatus:
        """Forget every cached value."""
        return await self._change({"$inc": {"epoch": 1}})

    async def _change(self, update: Document) -> CacheStatus:
        await self._refresh()
        with database_call():
            self._apply(
                await self._state.find_one_and_update(
                    _KEY, update, return_document=ReturnDocument.AFTER
                )
            )
        return CacheStatus("on" if self._enabled else "off", self._epoch)

    async def _refresh(self) -> None:
        with database_call():
            document = await self._state.find_one(_KEY)
            if document is None:
                document = await self._state.find_one_and_update(
                    _KEY,
                    {"$setOnInsert": {"enabled": True, "epoch": 1}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
        self._apply(document)

    def _apply(self, document: Document | None) -> None:
        if document is not None and document["epoch"] >= self._epoch:
            self._enabled = document["enabled"]
            self._epoch = document["epoch"]

    async def _follow(self) -> None:
        # A cancellation can get lost inside PyMongo: ask whether there was one.
        while self._poller is not None and not self._poller.cancelling():
            await asyncio.sleep(POLL_S)
            with suppress(DatabaseUnavailable):
                await self._refresh()

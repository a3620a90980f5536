"""The fence's document: read linearizably, replaced by compare-and-set with a majority."""

import hashlib
from contextlib import suppress
from dataclasses import fields

from pymongo import WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from service.adapters.mongo.client import Database, Document, Indexes, database_call
from service.coherence.fence import Fence, State

_KEY = {"_id": "fence"}
_MAJORITY = WriteConcern("majority")
_ROUTER = "isdbgrid"
_DATA = ("todos", "users")
_FIELDS = tuple(each.name for each in fields(Fence) if each.init)


class MongoFenceStore:
    """The ``FenceStore`` over the collection ``cache_fence``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fence = database.get_collection("cache_fence", write_concern=_MAJORITY)
        self._reading: AsyncCollection[Document] | None = None

    async def origin(self) -> str:
        """Name this database on this server: a copy or a restored one has another name.

        The name is made of that of the database, of the ids that the server drew for the
        collections when they were made, and of the members of the replica set; of a server on its
        own, of the id of its process.
        """
        # Its indexes make each collection, so that its id is there to be read.
        await Indexes(self._database).ensure()
        with database_call():
            filter_ = {"name": {"$in": list(_DATA)}}
            collections = await (await self._database.list_collections(filter=filter_)).to_list()
            hello = await self._database.client.admin.command("hello")
        ids = sorted((each["name"], str(each["info"].get("uuid"))) for each in collections)
        server = sorted(hello.get("hosts", ()))
        if not server and hello.get("msg") != _ROUTER:
            server = hello.get("topologyVersion", {}).get("processId")
        parts = (self._database.name, ids, server)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

    async def probe(self) -> None:
        """Have the database answer a find of nothing, to see how long it takes for one."""
        with database_call():
            await self._fence.find_one({"_id": "none"})

    async def read(self) -> Fence | None:
        """Return the fence as it is now, ``None`` before there is one."""
        with database_call():
            if self._reading is None:
                self._reading = await self._linearizable()
            document = await self._reading.find_one(_KEY)
        return _fence(document) if document else None

    async def create(self, fence: Fence) -> Fence:
        """Store the very first fence, or return the one that another process stored first."""
        with suppress(DuplicateKeyError), database_call():
            await self._fence.insert_one(_KEY | _document(fence))
        return await self.read() or fence

    async def replace(self, old: Fence, new: Fence) -> bool:
        """Put ``new`` in the place of ``old``; ``False`` when ``old`` is no longer current."""
        current = _KEY | {"deployment": old.deployment, "seq": old.seq}
        changes = _document(new)
        del changes["pin"]
        with database_call():
            result = await self._fence.update_one(current, {"$set": changes})
        return result.matched_count == 1

    async def pin(self) -> None:
        """Say that a process without Redis is at work."""
        with database_call():
            await self._fence.update_one(_KEY, {"$inc": {"pin": 1}})

    async def _linearizable(self) -> AsyncCollection[Document]:
        """Return the collection with reads that see every acknowledged write.

        A server on its own refuses the read concern, and does not need it: it has one copy.
        """
        hello = await self._database.client.admin.command("hello")
        replicated = "setName" in hello or hello.get("msg") == _ROUTER
        level = "linearizable" if replicated else "local"
        return self._fence.with_options(read_concern=ReadConcern(level))


def _document(fence: Fence) -> Document:
    # Drained of this version and no other: an earlier version of the service would leave it as it
    # is.
    changed = {
        "state": str(fence.state),
        "fences": dict(fence.fences),
        "drained": fence.seq if fence.drained else 0,
    }
    return {name: getattr(fence, name) for name in _FIELDS} | changed


def _fence(document: Document) -> Fence:
    # What an earlier version made lacks fields, which have the values that it kept to.
    known = {name: document[name] for name in _FIELDS if name in document}
    drained = document.get("drained") == document["seq"]
    return Fence(**known | {"state": State(document["state"]), "drained": drained})

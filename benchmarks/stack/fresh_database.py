"""A MongoDB database of this run alone, on a server that may hold somebody else's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pymongo.errors import OperationFailure, PyMongoError
from redis.exceptions import RedisError

from benchmarks.stack.interfaces import Database, Mongo
from benchmarks.storage.usage import UsageError

_UNAUTHORIZED = 13


@contextmanager
def fresh_database(mongo: Mongo, name: str) -> Iterator[Database]:
    """Yield an empty database that is dropped at the end, however that comes.

    One that holds something is left alone. Raises ``UsageError`` for such a one, and where the
    user may not make and drop databases: what can be written only would stay behind.
    """
    _require_absent(mongo, name)
    try:
        yield mongo.get_database(name)
    finally:
        tidy(lambda: mongo.drop_database(name))


def tidy(remove: Callable[[], object]) -> None:
    """Remove something from a server, unless it broke."""
    # A server that broke cannot be tidied up, and must not hide what broke it.
    with suppress(PyMongoError, RedisError):
        remove()


def _require_absent(mongo: Mongo, name: str) -> None:
    try:
        held = mongo.get_database(name).list_collection_names()
        if not held:
            mongo.drop_database(name)  # nothing, which takes the right that the end needs
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            raise
        raise UsageError(
            "the user of MONGODB_URL may not make and drop databases of its own "
            f"(the first one would be {name}); name one with the roles readWriteAnyDatabase, "
            "dbAdminAnyDatabase and clusterMonitor, or unset MONGODB_URL"
        ) from error
    if held:
        raise UsageError(
            f"the database {name} is there already and holds {', '.join(sorted(held))}; "
            "it is left as it is: drop it yourself if nobody needs it, and run again"
        )

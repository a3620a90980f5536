"""Check the servers that the environment names before anything relies on them."""

from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
from redis import AuthenticationError, RedisError

from benchmarks.stack.address import without_password
from benchmarks.stack.errors import StackError
from benchmarks.stack.identity import TIMEOUT_S, identify_mongo, identify_redis
from benchmarks.stack.server import Server
from service.redis_url import Topology, read_redis_url

_INVALID = "is not a valid URL"
_REFUSED = "names a server that refused us"
_NEEDS_ONE = (
    "and here one server is needed: its counters are read, and every variant gets a database "
    "number of its own"
)
_SILENT = f"names a server that gave no answer within {TIMEOUT_S:g} s"


def external_mongo(url: str) -> Server:
    """Return the server behind ``MONGODB_URL``; ``StackError`` unless it answers in 2 seconds."""
    try:
        found = identify_mongo(url)
    except (ConfigurationError, ValueError):
        # The driver's words, and so the cause, can quote the password as a bad port.
        raise _unusable("MONGODB_URL", url, _INVALID) from None
    except OperationFailure as error:
        raise _unusable("MONGODB_URL", url, f"{_REFUSED} ({_reason(error)})") from error
    except PyMongoError as error:
        raise _unusable("MONGODB_URL", url, f"{_SILENT} ({_reason(error)})") from error
    return Server(
        role="mongo", kind="external", product=found.product, version=found.version, url=url
    )


def external_redis(url: str) -> Server:
    """Return the one server behind ``REDIS_URL``; ``StackError`` unless it answers in 2 seconds."""
    return _redis(url, several=False)


def external_redis_or_several(url: str) -> Server:
    """Return what ``REDIS_URL`` names, which may be a cluster or have Sentinels.

    Raises ``StackError`` unless one of its servers answers in 2 seconds.
    """
    return _redis(url, several=True)


def _redis(url: str, *, several: bool) -> Server:
    try:
        kind = read_redis_url(url).kind
        if kind is not Topology.ONE and not several:
            raise _unusable("REDIS_URL", url, f"names {kind}, {_NEEDS_ONE}")
        found = identify_redis(url)
    except ValueError:
        raise _unusable("REDIS_URL", url, _INVALID) from None
    except AuthenticationError as error:
        raise _unusable("REDIS_URL", url, f"{_REFUSED} ({_reason(error)})") from error
    except RedisError as error:
        raise _unusable("REDIS_URL", url, f"{_SILENT} ({_reason(error)})") from error
    return Server(
        role="redis", kind="external", product=found.product, version=found.version, url=url
    )


def _reason(error: Exception) -> str:
    # PyMongo appends its settings in brackets and its whole view of the topology after a comma.
    return str(error).partition(" (")[0].partition(",")[0].rstrip(".")


def _unusable(variable: str, url: str, what: str) -> StackError:
    return StackError(
        f"{variable}={without_password(url)} {what}; start that server, correct {variable}, "
        "or unset it to use an embedded server."
    )

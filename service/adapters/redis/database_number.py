"""Whether the server has the database that ``REDIS_URL`` names, which only the server knows."""

import re
from contextlib import suppress
from typing import Any

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from service.config import ConfigurationError
from service.redis_url import Topology, read_redis_url

_WITHIN_S = 1.0
_OUT_OF_RANGE = re.compile(r"\bDB index\b", re.IGNORECASE)


def require_database(url: str) -> None:
    """Ask one server for the database; raises ``ConfigurationError`` where it says there is none.

    A server that does not answer, or refuses for another reason, is left to its first use: the
    service works without.
    """
    if read_redis_url(url).kind is not Topology.ONE:
        return
    ours: dict[str, Any] = {
        "socket_timeout": _WITHIN_S,
        "socket_connect_timeout": _WITHIN_S,
        "retry": Retry(NoBackoff(), 0),
    }
    named: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    pool = ConnectionPool(**{**named, **ours})
    try:
        with suppress(OSError, EOFError), Redis.from_pool(pool) as client:
            client.ping()
    except ResponseError as error:
        if _OUT_OF_RANGE.search(str(error)):
            raise ConfigurationError(
                "REDIS_URL: takes the number of a database that the server has; it has no such "
                "one (usually there are 16, from 0 to 15)"
            ) from None
    except RedisError:
        pass

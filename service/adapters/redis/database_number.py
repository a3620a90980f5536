"""Whether the server has the database that ``REDIS_URL`` names, which only the server knows."""

import asyncio
import re

from service.adapters.redis.client import OUTAGES, connect
from service.config import ConfigurationError
from service.redis_url import Topology, read_redis_url

_WITHIN_S = 1.0
_OUT_OF_RANGE = re.compile(r"\bDB index\b", re.IGNORECASE)


def require_database(url: str) -> None:
    """Ask one server for the database; raises ``ConfigurationError`` where it says there is none.

    So does a URL with which no server could be asked. A server that does not answer, or refuses
    for another reason, is left to its first use: the service works without.
    """
    if read_redis_url(url).kind is not Topology.ONE:
        return
    try:
        asyncio.run(_ping(url))
    except Exception as error:  # noqa: BLE001 - redis-py does not foresee every value
        if _OUT_OF_RANGE.search(str(error)):
            raise ConfigurationError(
                "REDIS_URL: takes the number of a database that the server has; it has no such "
                "one (usually there are 16, from 0 to 15)"
            ) from None
        # redis-py wraps what it did not foresee, so the cause decides.
        if not isinstance(error.__cause__ or error, OUTAGES):
            raise ConfigurationError(
                "REDIS_URL: has an address or an option with which the client cannot connect"
            ) from None


async def _ping(url: str) -> None:
    async with connect(url, deadline_s=_WITHIN_S, connect_deadline_s=_WITHIN_S) as client:
        await client.ping()

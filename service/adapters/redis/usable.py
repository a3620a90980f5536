"""Whether the client can use what ``REDIS_URL`` says, which is known when it has tried."""

import asyncio
import re

from service.adapters.redis.client import OUTAGES, connect
from service.adapters.redis.endpoint import Endpoint
from service.config import REDIS_URL_EXAMPLE, TAKES_URL, ConfigurationError
from service.redis_url import read_redis_url

_WITHIN_S = 1.0
_NO_SUCH_DATABASE = re.compile(r"\bDB index\b", re.IGNORECASE)


def require_usable(url: str) -> None:
    """Make what the service makes of the URL, and ask once; raises ``ConfigurationError``.

    A server that does not answer, or refuses for another reason than its database, is left to its
    first use: the service works without.
    """
    nodes = read_redis_url(url).startup_nodes
    try:
        for node in nodes:
            Endpoint.from_url(node)
        asyncio.run(_ping(nodes))
    except Exception:  # noqa: BLE001 - redis-py does not foresee every value
        why = TAKES_URL.format(REDIS_URL_EXAMPLE)
        raise ConfigurationError(f"REDIS_URL: {why}") from None


async def _ping(nodes: tuple[str, ...]) -> None:
    await asyncio.gather(*map(_ping_one, nodes))


async def _ping_one(node: str) -> None:
    async with connect(node, deadline_s=_WITHIN_S, connect_deadline_s=_WITHIN_S) as client:
        try:
            await client.ping()
        except OUTAGES as error:
            # redis-py wraps what it did not foresee, so the cause decides.
            foreseen = isinstance(error.__cause__ or error, OUTAGES)
            if not foreseen or _NO_SUCH_DATABASE.search(str(error)):
                raise

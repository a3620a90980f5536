"""The checks of a request before its body is read: rate by address, and size."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.errors import problem, rate_limit, response_to
from service.attempts import Attempts
from service.domain import Decision, Rule
from service.errors import RateLimited

# What every field of a todo may hold, each character escaped as two of six bytes, and their names.
MAX_BODY_BYTES = 128 * 1024
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_IPV6_SITE_BITS = 64
_IPV4_MAPPED_BITS = 96


def client_key(scope: Scope) -> str:
    """Return the rate limit key of the address that a request came from.

    An IPv6 client counts by its /64, which is what one subscriber gets. A client without an
    address (a Unix socket) is one shared key.
    """
    peer = scope.get("client")
    address = _parse(peer[0]) if peer else None
    if address is None:
        return "address:none"
    if isinstance(address, IPv6Address):
        return f"address:{IPv6Network((address, _IPV6_SITE_BITS), strict=False)}"
    return f"address:{address}"


def trusted_hosts(proxies: Iterable[IPv4Network | IPv6Network]) -> list[str]:
    """Return networks as uvicorn takes them, IPv4 ones also as a dual-stack socket shows them."""
    hosts = []
    for network in proxies:
        hosts.append(str(network))
        if isinstance(network, IPv4Network):
            mapped = f"::ffff:{network.network_address}"
            hosts.append(f"{mapped}/{_IPV4_MAPPED_BITS + network.prefixlen}")
    return hosts


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


class RequestGuard:
    """Refuse early: 429 for a flood, 413 for a large body.

    A body that does not declare its length is counted as it comes. What is left of one that is
    refused is the connection's: ``service.protocol`` reads it before it closes.

    ``rules`` holds the rate limit of a (method, path). FastAPI reads a body before it solves
    dependencies, so a limiter inside the routes would protect neither memory nor time. Only an
    attempt that gets one of the statuses in ``counted`` counts.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        rules: Mapping[tuple[str, str], Rule],
        counted: Mapping[tuple[str, str], frozenset[int]],
    ) -> None:
        self._limited = RequestBodyLimitMiddleware(app, max_body_size=MAX_BODY_BYTES)
        self._app = app
        self._rules = rules
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        route = scope["method"], scope["path"]
        rule = self._rules.get(route)
        if rule is None:
            await self._checked(scope, receive, send)
            return
        attempts: Attempts = scope["app"].backends.attempts
        try:
            async with attempts.attempt(rule, client_key(scope)) as attempt:
                attempt.counts = False

                async def send_limited(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        attempt.counts = message["status"] in self._counted[route]
                        _say(attempt.decision, message["headers"])
                    await send(message)

                await self._checked(scope, receive, send_limited)
        except RateLimited as error:
            await response_to(error)(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > MAX_BODY_BYTES:
            # Before a route that reads no body has done its work.
            await problem(413, "Content Too Large")(scope, receive, send)
            return
        await self._limited(scope, receive, send)


def _say(decision: Decision, headers: list[tuple[bytes, bytes]]) -> None:
    """Add the headers of a rate limit to those of an answer, which may have its own."""
    present = {name for name, _ in headers}
    raw = ((name.lower().encode(), value.encode()) for name, value in rate_limit(decision).items())
    headers.extend(item for item in raw if item[0] not in present)

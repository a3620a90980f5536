"""Headers that many answers share, as ASGI wants them."""

import itertools
import math
import re
import uuid
from collections.abc import Iterable

from service.limits import Decision, Rule

RawHeaders = list[tuple[bytes, bytes]]

SECURITY: RawHeaders = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]

# No "@" and no more than 64 of them: neither an e-mail address nor a token can be one.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """What a request is called in the log and in the answer's ``X-Request-ID``."""

    def __init__(self) -> None:
        self._prefix = uuid.uuid4().hex[:16].encode()
        self._count = itertools.count(1)

    def of(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Return the caller's own id if it is a plain one, else one that nobody else gives."""
        for name, value in headers:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                return value
        return b"%b%x" % (self._prefix, next(self._count))


def too_many(rule: Rule) -> str:
    """Return the detail of a 429."""
    return f"Rate limit exceeded. Max {rule.limit} requests per {rule.window_s} seconds."


def rate_limit(decision: Decision) -> dict[str, str]:
    """Return the fields of draft-ietf-httpapi-ratelimit-headers, and Retry-After on refusal."""
    rule = decision.rule
    wait_s = math.ceil(decision.retry_after_s)
    headers = {
        "RateLimit-Policy": f'"{rule.name}";q={rule.limit};w={rule.window_s}',
        "RateLimit": f'"{rule.name}";r={decision.remaining};t={wait_s}',
    }
    if not decision.admitted:
        headers["Retry-After"] = str(max(1, wait_s))
    return headers

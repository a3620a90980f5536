"""Headers that many answers share, as ASGI wants them."""

import math

from service.limits import Decision, Rule

RawHeaders = list[tuple[bytes, bytes]]

SECURITY: RawHeaders = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]


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

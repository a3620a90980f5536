"""What an answer says of rate limits."""

import math

from service.limits import Decision, Rule


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

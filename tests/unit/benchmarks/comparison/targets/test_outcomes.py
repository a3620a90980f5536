"""What a target's headers say of a cache before it."""

from collections.abc import Mapping

import pytest

from benchmarks.comparison.targets.outcomes import HitHeader, outcome_by

HIT = HitHeader.parse("X-Cache: HIT")


@pytest.mark.parametrize(
    ("headers", "hit", "outcome"),
    [
        ({"x-cache": "Hit from cloudfront"}, HIT, "hit"),
        ({"x-cache": "EXPIRED"}, HIT, "miss"),
        # The header that is named is the only one that tells.
        ({"cache-status": "edge; hit", "age": "7"}, HIT, "unknown"),
        ({"cache-status": "edge; hit", "age": "0"}, None, "hit"),
        ({"cache-status": "edge; fwd=uri-miss"}, None, "miss"),
        ({"age": "7"}, None, "hit"),
        ({"age": "0"}, None, "miss"),
        ({"age": "-7"}, None, "unknown"),
        ({}, None, "unknown"),
    ],
)
def test_a_named_header_tells_else_cache_status_else_age(
    headers: Mapping[str, str], hit: HitHeader | None, outcome: str
) -> None:
    assert outcome_by(headers, hit) == outcome

"""What is remembered of answers, and what their headers say of a cache before a target."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from benchmarks.comparison.targets.answers import AnswerLog, JSONPaths
from benchmarks.comparison.targets.traffic import HitHeader, outcome_by
from benchmarks.measure.client import Response
from tests.unit.benchmarks.simulate import run_samples

HIT = HitHeader.parse("X-Cache: HIT")


def test_of_what_changes_an_answer_is_kept_until_every_target_has_given_its_own() -> None:
    [sample, *_] = run_samples()
    response = Response(200, {}, b"order 1", 0, 0)
    log = AnswerLog(
        reference="a",
        targets={name: f"http://{name}" for name in "abc"},
        ignored=JSONPaths.parse([]),
        bodies=True,
        changes=True,
    )

    def kept_after(*names: str) -> list[object]:
        for name in names:
            log.note(replace(sample, variant=name), response)
        return list(log._first)

    assert kept_after("a", "a", "b") == [1, 2]
    assert kept_after("c") == [2]
    assert kept_after("c", "b") == []
    log.note(replace(sample, variant="b"), response)
    log.note(replace(sample, variant="c", status=500), response)
    [difference] = log.differences
    assert [each.variant for each in difference.answers] == ["b", "c"]


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

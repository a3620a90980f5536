from typing import Any

import pytest

from benchmarks.analysis.checks import Guard, coherence
from benchmarks.storage.records import Coherence
from tests.unit.benchmarks import simulate


def judged(changes: dict[str, Any] | None = None, *, caches: bool = True) -> Guard:
    found = Coherence(**simulate.coherence("cached", **(changes or {})))
    return coherence(found, caches=caches)


def test_a_probe_without_a_wrong_answer_passes_and_says_what_was_checked() -> None:
    guard = judged()

    assert guard.passed
    assert "cached: 3400 reads checked, 2000 of them hits, 0 stale" in guard.detail


@pytest.mark.parametrize("what", ["stale", "backwards", "impossible", "errors"])
def test_a_single_wrong_answer_fails(what: str) -> None:
    guard = judged({what: 1, "first": "GET /todo/ showed too little"})

    assert not guard.passed
    assert f"1 {what}" in guard.detail
    assert guard.detail.endswith("first: GET /todo/ showed too little")


@pytest.mark.parametrize("what", ["reads", "writes", "hits"])
def test_a_probe_in_which_nothing_could_go_wrong_proves_nothing(what: str) -> None:
    guard = judged({what: 0})

    assert not guard.passed
    assert "raise --probe-seconds" in guard.advice


def test_a_variant_without_a_cache_needs_no_hits() -> None:
    assert judged({"hits": 0}, caches=False).passed

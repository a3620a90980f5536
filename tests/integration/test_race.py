"""The race on real processes: the tutorial's pattern loses it, ours does not."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.coherence.race.findings import judge
from benchmarks.coherence.race.report import read
from benchmarks.coherence.race.run import race
from benchmarks.stack.embedded import Stack
from tests import needs

pytestmark = pytest.mark.servers

VOIDED = "a trace of the write"


def test_naive_serves_what_was_before_and_ours_does_not(servers: Stack, tmp_path: Path) -> None:
    needs.program("redis-server")
    variants = ("naive", "cached", "uncached")
    console = Console(file=io.StringIO(), width=100)

    assert race(variants, tmp_path, {"MONGODB_URL": servers.mongo.url}, console) == 0

    [folder] = tmp_path.iterdir()
    recordings = read(folder).recordings
    assert [len(judge(each).stale) for each in recordings] == [2, 0, 0]
    naive, cached, uncached = ([state.redis for state in each.states] for each in recordings)
    assert naive == ["nothing", "nothing", "nothing", "before", "before"]
    assert cached == [VOIDED, "a fill token", VOIDED, VOIDED, "after"]
    assert uncached == ["nothing"] * 5
    for each in recordings:
        todos = [state.mongodb for state in each.states]
        assert todos == ["before", "before", "after", "after", "after"]

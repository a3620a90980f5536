"""The race on real processes: the tutorial's pattern loses it, ours does not."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.coherence.race.findings import judge
from benchmarks.coherence.race.options import RaceOptions
from benchmarks.coherence.race.recording import Delivery, RaceStep
from benchmarks.coherence.race.report import REPORT, read
from benchmarks.coherence.race.run import race
from benchmarks.stack.embedded import Stack
from tests import needs

pytestmark = pytest.mark.servers


def test_naive_serves_what_was_before_and_ours_does_not(servers: Stack, tmp_path: Path) -> None:
    needs.program("redis-server")
    console = Console(file=io.StringIO(), width=100)
    options = RaceOptions.asked_for([], tmp_path)

    assert race(options, {"MONGODB_URL": servers.mongo.url}, console) == 0

    [folder] = tmp_path.iterdir()
    naive, cached = read(folder).recordings
    assert len(judge(naive).stale) == 2
    assert naive.state_after(RaceStep.READ_AGAIN).redis["todos"] == "before"
    assert judge(cached).stale == ()
    assert cached.state_after(RaceStep.READ_AGAIN).redis["todos"] == "after"
    for recording in (naive, cached):
        assert recording.state_after(RaceStep.DELIVER).mongodb == "after"
        ways = [event.delivery for event in recording.events]
        assert ways.index(Delivery.HELD) < ways.index(Delivery.ARRIVED)
    assert "no token, refused" in (folder / REPORT).read_text(encoding="utf-8")

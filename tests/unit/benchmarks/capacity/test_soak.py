import re
from json import loads
from pathlib import Path

import pytest

from benchmarks.capacity import soak as module
from benchmarks.capacity.soak import soak
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.fake_dependencies import Fakes
from tests.unit.benchmarks.fake_service import ServiceFaults

REQUESTS = 40
MIB = 1024 * 1024


@pytest.fixture(name="memory", autouse=True)
def _memory(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have every look at a process find one MiB more than the look before."""
    looks: list[int] = []

    def look(pid: int) -> int:
        looks.append(pid)
        return (49 + len(looks)) * MIB

    monkeypatch.setattr(module, "rss_bytes", look)
    monkeypatch.setattr(module, "CONNECTIONS", 2)
    monkeypatch.setattr(module, "DATASET", {"users": 2, "todos_per_user": 1, "payload_bytes": 1})
    return looks


def test_memory_is_printed_before_and_at_ten_points(
    fakes: Fakes, memory: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    code = soak(REQUESTS, {}, json=True, dependencies=fakes.dependencies())

    output = fakes.output.getvalue()
    assert loads(capsys.readouterr().out)["requests"] == [*range(0, 41, 4)]
    rows = [line.split() for line in output.splitlines() if re.fullmatch(r" *\d+ +\d+\.\d *", line)]
    assert code == 0
    assert [row[0] for row in rows] == ["0", *(str(4 * part) for part in range(1, 11))]
    assert len(set(memory)) == 1
    assert fakes.services[0].reads == 40
    # Fewer than a million do not judge the target.
    assert "not measured, these were 40." in output


@pytest.mark.parametrize(("mib", "verdict"), [(120, "held"), (40, "not held")])
def test_after_enough_requests_the_target_is_held_or_not(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch, mib: int, verdict: str
) -> None:
    monkeypatch.setattr(module, "TARGET_REQUESTS", 40)
    monkeypatch.setattr(module, "TARGET_BYTES", mib * MIB)

    assert soak(REQUESTS, {}, dependencies=fakes.dependencies()) == 0
    assert f": {verdict}, 6" in fakes.output.getvalue()


def test_a_senseless_soak_is_refused() -> None:
    with pytest.raises(UsageError, match="--soak is 9; it takes 10 to"):
        soak(9, {})
    with pytest.raises(UsageError, match="is a file"):
        soak(1000, {}, out=Path(__file__))


def test_answers_other_than_200_make_it_inconclusive_and_no_reading_of_memory_ends_it(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.faults = ServiceFaults(status=lambda number: 503 if number == 11 else 200)

    assert soak(REQUESTS, {}, dependencies=fakes.dependencies()) == 3
    assert "1 answers were not 200" in fakes.output.getvalue()

    monkeypatch.setattr(module, "rss_bytes", lambda _: None)
    assert soak(REQUESTS, {}, dependencies=fakes.dependencies()) == 4
    assert "cannot be read on this system" in capsys.readouterr().err


def test_an_interrupted_soak_prints_what_it_saw_and_leaves_nothing(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = iter([MIB, MIB, MIB])

    def look(_pid: int) -> int:
        for rss in looks:
            return rss
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "rss_bytes", look)

    code = soak(REQUESTS, {}, dependencies=fakes.dependencies())

    assert code == 4
    assert "1.0" in fakes.output.getvalue()
    assert "not complete: it was stopped before its end" in capsys.readouterr().err
    assert fakes.running == 0

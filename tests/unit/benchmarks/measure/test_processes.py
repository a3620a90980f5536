import os
import sys
import time
from pathlib import Path

import pytest

from benchmarks.measure.processes import CpuReadings, cpu_seconds, rss_bytes

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def written(proc: Path, name: str, text: str) -> Path:
    (proc / "7").mkdir(exist_ok=True)
    (proc / "7" / name).write_text(text)
    return proc


def test_processor_time_is_that_of_user_and_system_whatever_the_program_is_called(
    tmp_path: Path,
) -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    numbers = " ".join(["S", *(str(number) for number in range(4, 14)), f"{3 * ticks}", f"{ticks}"])

    proc = written(tmp_path, "stat", f"7 (a (b) 1 2) {numbers} 0 0")

    assert cpu_seconds(7, proc=proc) == 4.0


def test_memory_is_counted_in_pages(tmp_path: Path) -> None:
    proc = written(tmp_path, "statm", "1000 250 30 1 0 200 0\n")

    assert rss_bytes(7, proc=proc) == 250 * os.sysconf("SC_PAGE_SIZE")


def test_of_a_process_that_is_not_there_nothing_is_known(tmp_path: Path) -> None:
    assert cpu_seconds(7, proc=tmp_path) is None
    assert rss_bytes(7, proc=tmp_path) is None


@linux
def test_this_process_uses_processor_time_and_memory() -> None:
    before = cpu_seconds(os.getpid())
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    after = cpu_seconds(os.getpid())

    assert before is not None
    assert after is not None
    assert after - before >= 0.05
    assert (rss_bytes(os.getpid()) or 0) > 1024 * 1024


class Machine:
    """A clock, and processes that use half a core and end at some time."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def cpu_s(self, pid: int) -> float | None:
        return None if self.now_s > 100 + pid else 3 + (self.now_s - 100) / 2


def test_cores_are_counted_from_the_first_to_the_last_reading_of_each() -> None:
    machine = Machine()
    readings = CpuReadings(clock_s=lambda: machine.now_s, cpu_s=machine.cpu_s)
    for _ in range(5):
        readings.read({"short": 2, "long": 90})
        machine.now_s += 1

    assert readings.cores() == {"short": 0.5, "long": 0.5}


def test_one_reading_tells_nothing() -> None:
    machine = Machine()
    readings = CpuReadings(clock_s=lambda: machine.now_s, cpu_s=machine.cpu_s)
    readings.read({"once": 9})

    assert readings.cores() == {"once": None}
    assert CpuReadings().cores() == {}

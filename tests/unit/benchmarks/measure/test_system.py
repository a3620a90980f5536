import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from benchmarks.measure.system import (
    CpuReadings,
    SystemReading,
    cpu_seconds,
    family_seconds,
    read_system,
    rss_bytes,
    spent,
)
from benchmarks.storage.records import SystemUse
from tests.waiting import until

READING = SystemReading(
    at_s=10.0,
    cpu_ticks=1000,
    idle_ticks=500,
    steal_ticks=20,
    pressure_us=1_000_000,
    process_cpu_s=3.0,
)
LATER = replace(
    READING,
    at_s=14.0,
    cpu_ticks=1800,
    idle_ticks=900,
    steal_ticks=60,
    pressure_us=2_000_000,
    process_cpu_s=5.0,
)
FROM_PROC = ("cpu_ticks", "idle_ticks", "steal_ticks", "pressure_us")


def written(proc: Path, **files: str) -> Path:
    """Write files of /proc; ``__`` stands for a folder."""
    for name, text in files.items():
        path = proc / name.strip("_").replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return proc


class ReadMachine:
    """A clock, and processes that use half a core and end at some time."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def cpu_s(self, pid: int) -> float | None:
        return None if self.now_s > 100 + pid else 3 + (self.now_s - 100) / 2


def test_cores_are_counted_from_the_first_to_the_last_reading_and_one_reading_tells_nothing() -> (
    None
):
    machine = ReadMachine()
    readings = CpuReadings(clock_s=lambda: machine.now_s, cpu_s=machine.cpu_s)
    for _ in range(5):
        readings.read({"short": 2, "long": 90})
        machine.now_s += 1
    readings.read({"once": 9})

    assert readings.cores() == {"short": 0.5, "long": 0.5, "once": None}
    assert CpuReadings().cores() == {}


def test_the_ticks_of_all_cpus_are_summed_and_a_guests_are_counted_once(tmp_path: Path) -> None:
    proc = written(
        tmp_path,
        stat="cpu  100 10 20 300 40 5 6 7 90 9\ncpu0 1 1 1 1 1 1 1 1 1 1\nctxt 5\n",
        pressure__cpu="some avg10=1.00 avg60=2.00 avg300=3.00 total=123456\n"
        "full avg10=0.00 avg60=0.00 avg300=0.00 total=99\n",
    )

    reading = read_system(proc=proc)

    assert reading.cpu_ticks == 100 + 10 + 20 + 300 + 40 + 5 + 6 + 7
    assert reading.idle_ticks == 300 + 40
    assert reading.steal_ticks == 7
    assert reading.pressure_us == 123456


def test_without_proc_only_what_the_process_knows_of_itself_is_there(tmp_path: Path) -> None:
    reading = read_system(proc=tmp_path / "absent")
    use = spent(reading, replace(reading, at_s=reading.at_s + 1))

    assert [getattr(reading, name) for name in FROM_PROC] == [None] * 4
    assert reading.process_cpu_s > 0
    assert (use.busy_share, use.steal_share, use.pressure_share) == (None, None, None)
    assert use.client_cores == 0.0


def test_what_was_used_are_shares_and_rates_of_the_time_between() -> None:
    assert spent(READING, LATER) == SystemUse(
        seconds=4.0,
        busy_share=1 - (400 + 40) / 800,
        steal_share=40 / 800,
        pressure_share=0.25,
        client_cores=0.5,
    )


def test_no_time_has_no_shares_no_counter_runs_backwards_and_no_share_exceeds_the_whole() -> None:
    nothing = asdict(spent(READING, READING))
    strange = spent(READING, replace(LATER, idle_ticks=499, pressure_us=9_000_000))

    assert nothing.pop("seconds") == 0.0
    assert set(nothing.values()) == {None}
    assert strange.busy_share == pytest.approx(1 - 40 / 800)
    assert strange.pressure_share == 1.0


def test_a_family_has_the_time_of_all_in_it_and_what_ended_has_none() -> None:
    program = "import time\nwhile time.process_time() < 0.3: pass\ninput()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as child:
        until(lambda: (cpu_seconds(child.pid) or 0) >= 0.2, "the child was busy")
        assert (family_seconds(os.getpid()) or 0) >= (cpu_seconds(os.getpid()) or 0) + 0.2
        child.communicate(b"\n")

    assert (rss_bytes(os.getpid()) or 0) > 1024 * 1024
    assert [used(child.pid) for used in (cpu_seconds, family_seconds, rss_bytes)] == [None] * 3

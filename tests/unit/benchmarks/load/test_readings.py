"""Processor time of processes that may be gone when it is asked for."""

from benchmarks.load.readings import CpuReadings


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

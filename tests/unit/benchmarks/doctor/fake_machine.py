"""A machine whose quietness is known, to be looked at in no time."""

import random
from dataclasses import dataclass, field

from benchmarks.doctor.quiet import Instruments
from benchmarks.measure.system import SystemReading

NS_PER_ROUND = 50.0
_HZ = 100


@dataclass
class FakeMachine:
    """Time passes only by sleeping, computing and looking at the clock.

    ``noise`` is the standard deviation of the logarithm of a block's time. The shares are of the
    CPUs' time while it sleeps.
    """

    noise: float = 0.0
    busy_share: float = 0.0
    steal_share: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    now_ns: float = 0.0

    def instruments(self) -> Instruments:
        return Instruments(
            clock_ns=self.clock_ns,
            sleep=self.sleep,
            spin=self.spin,
            system=self.system,
        )

    def clock_ns(self) -> int:
        self.now_ns += 100
        return int(self.now_ns)

    def sleep(self, seconds: float) -> None:
        self.now_ns += seconds * 1e9

    def spin(self, rounds: int) -> int:
        self.now_ns += rounds * NS_PER_ROUND * self.rng.lognormvariate(0, self.noise)
        return rounds

    def system(self) -> SystemReading:
        passed_s = self.now_ns / 1e9
        ticks = passed_s * _HZ
        return SystemReading(
            at_s=passed_s,
            cpu_ticks=round(ticks),
            idle_ticks=round(ticks * (1 - self.busy_share - self.steal_share)),
            steal_ticks=round(ticks * self.steal_share),
            pressure_us=None,
            process_cpu_s=0.0,
            nonvoluntary_switches=0,
            minor_faults=0,
            major_faults=0,
        )

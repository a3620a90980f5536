"""Scenarios of chosen steps: what takes recovery, time or more than one process at odds.

Each goes to its end with any code and returns how a promise was broken, or "".
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from service.coherence.fence import State
from tests.interleaving.deployment import Code
from tests.interleaving.driver import Driver, driving
from tests.interleaving.scheduler import TIME

Scenario = Callable[[Code], str]


def steps(
    *, linear: bool = False, faults: int = 0
) -> Callable[[Callable[[Driver], None]], Scenario]:
    """Return a decorator that makes a scenario of the steps of a driver."""

    def scenario_of(take: Callable[[Driver], None]) -> Scenario:
        @wraps(take)
        def scenario(code: Code) -> str:
            with driving(code, linear=linear, faults=faults) as driver:
                take(driver)
                return driver.description() if driver.scheduler.violation else ""

        return scenario

    return scenario_of


def begin_closed(driver: Driver) -> None:
    fence = driver.deployment.document.fence
    assert fence is not None
    driver.deployment.document.fence = replace(fence, state=State.OFF)


@steps()
def writer_believes_off(driver: Driver) -> None:
    """A writer believes ``off`` until the last moment, and the monitor opens as fast as it can."""
    begin_closed(driver)
    writing, reading = driver.processes(2)
    driver.recover(reading)
    driver.wait(driver.deployment.timing.heal_s + 0.1)
    driver.renew(writing)
    driver.recover(reading)
    driver.recover(reading)
    driver.read("R0", reading)
    driver.write("W", writing)
    driver.read("R1", reading)


@steps(faults=1)
def writer_meets_an_armed_namespace(driver: Driver) -> None:
    """The fence closes and arms while a reader's lease on the old namespace still holds."""
    driver.deployment.warm()
    first, second, reading = driver.processes(3)
    driver.deployment.writer("W", first)
    driver.step("W starts", "W mark!lost", "W moves the fence")
    driver.recover(first)
    driver.renew(second)
    driver.write("V", second)
    driver.read("R", reading)


@steps()
def value_survives_an_outage(driver: Driver) -> None:
    """Redis is away for one write, and comes back with what it held before."""
    driver.deployment.warm()
    writing, reading = driver.processes(2)
    driver.deployment.server.go(answers=False)
    driver.write("W", writing)
    driver.read("R0", reading)
    driver.deployment.server.go(answers=True)
    driver.read("R1", reading)
    driver.heal_until(reading, State.ON)
    driver.read("R2", reading)
    driver.read("R3", reading)


@steps()
def write_outlives_its_namespace(driver: Driver) -> None:
    """A commit takes so long that the fence closes, arms and opens meanwhile."""
    writing, reading = driver.processes(2)
    driver.deployment.writer("W", writing)
    driver.step("W starts", "W mark")
    driver.deployment.does("operator", reading.control.drop)
    driver.to_the_end("operator")
    driver.heal_until(reading, State.ON)
    driver.read("R0", reading)
    driver.step("W commits")
    driver.to_the_end("W")
    driver.read("R1", reading)


@steps()
def server_restarts_from_a_dump(driver: Driver) -> None:
    """A dead value comes back with a dump, the monitor moves on to the new run."""
    driver.deployment.warm()
    writing, reading = driver.processes(2)
    driver.deployment.server.save()
    driver.write("W", writing)
    driver.deployment.server.restart()
    driver.read("R0", reading)
    assert driver.recover(reading) is State.OFF or driver.deployment.code != Code()
    driver.read("R1", reading)
    driver.heal_until(reading, State.ON)
    driver.read("R2", reading)
    driver.write("V", writing)
    driver.read("R3", reading)


@steps(faults=1)
def clear_is_lost_after_its_mark(driver: Driver) -> None:
    """Redis loses a mark, somebody fills, and then the clear fails."""
    process = driver.deployment.process()
    driver.deployment.writer("W", process)
    driver.step("W starts", "W mark")
    driver.deployment.server.forget(marks=True)
    driver.read("R0", process)
    driver.step("W commits", "W clear!lost")
    driver.to_the_end("W")
    driver.read("R1", process)


@steps(linear=True)
def slow_writer_believes_off(driver: Driver) -> None:
    """A writer hears late of ``off``, waits, and commits when ``arm`` is nearly over (G2).

    Its commit keeps within the deadline, but it began later than the monitor reckons with.
    """
    begin_closed(driver)
    deployment, timing = driver.deployment, driver.deployment.timing
    writing = deployment.process(leased=False, slow=True)
    reading, uncached = deployment.process(), deployment.process(leased=False)
    driver.recover(reading)
    driver.wait(timing.heal_s + 0.1)
    deployment.writer("W", writing)
    driver.step("W starts", "W reads the fence")
    armed_at = deployment.scheduler.clock
    assert driver.recover(reading) is State.ARM
    driver.wait(timing.lease_s - 0.05)
    driver.step("W hears of it", TIME, "W wakes")
    began_at = deployment.scheduler.clock
    driver.all_of_but("W", "commits")
    driver.wait(armed_at + timing.grace_s + timing.write_deadline_s + 0.01 - began_at)
    assert driver.recover(reading) is State.ON
    assert deployment.scheduler.clock < began_at + timing.write_deadline_s
    driver.read_all_but_fill("R0", reading)
    driver.step("W commits")
    driver.read("R1", uncached)
    driver.all_of("R0")
    driver.read("R2", reading)


@steps()
def fence_is_removed_under_a_running_fleet(driver: Driver) -> None:
    """Somebody removes the fence's document, and one process is started at that moment."""
    deployment = driver.deployment
    writing, starting = deployment.process(), deployment.process(leased=False)
    deployment.document.fence = None
    deployment.does("S", lambda: starting.lease.start(deployment.server.run_id))
    driver.all_of("S")
    driver.read("R0", starting)
    driver.write("W", writing)
    driver.read("R1", starting)


@steps(linear=True)
def mark_is_lost(driver: Driver) -> None:
    """R1: Redis loses a mark while its write is in flight, and reads overlap the write (G2)."""
    deployment = driver.deployment
    process, uncached = deployment.process(), deployment.process(leased=False)
    deployment.writer("W", process)
    driver.step("W starts", "W mark")
    deployment.server.forget(marks=True)
    driver.read("R0", process)
    driver.step("W commits")
    driver.read("R1", uncached)
    driver.read("R2", process)

"""What takes healing, time or more than one process at odds: scenes for the code and its mutants.

Each scene plays to its end with any code and returns what was violated, if anything.
"""

from dataclasses import replace

from service.coherence.fence import State
from tests.interleaving.cast import Code
from tests.interleaving.director import Director, directing
from tests.interleaving.stage import TIME


def begin_closed(director: Director) -> None:
    """Begin long after the fence was closed."""
    fence = director.deployment.document.fence
    assert fence is not None
    director.deployment.document.fence = replace(fence, state=State.OFF)


def writer_believes_off(code: Code) -> str:
    """A writer believes ``off`` until the last moment, while the healer opens as fast as it can."""
    with directing(code, linear=False) as director:
        begin_closed(director)
        writing, reading = (director.deployment.process() for _ in range(2))
        director.heal(reading)
        director.wait(director.deployment.timing.heal_s + 0.1)
        director.renew(writing)
        director.heal(reading)
        director.heal(reading)
        director.read("R0", reading)
        director.write("W", writing)
        director.read("R1", reading)
        return director.told() if director.stage.violation else ""


def writer_meets_an_armed_namespace(code: Code) -> str:
    """The fence closes and arms while a reader's lease on the old namespace still holds."""
    with directing(code, linear=False, faults=1) as director:
        director.deployment.warm()
        first, second, reading = (director.deployment.process() for _ in range(3))
        director.deployment.writer("W", first)
        director.step("W starts", "W mark!lost", "W moves the fence")
        director.heal(first)
        director.renew(second)
        director.write("V", second)
        director.read("R", reading)
        return director.told() if director.stage.violation else ""


def value_survives_an_outage(code: Code) -> str:
    """Redis is away for one write, and comes back with what it held before."""
    with directing(code, linear=False) as director:
        director.deployment.warm()
        writing, reading = (director.deployment.process() for _ in range(2))
        director.deployment.server.go(answers=False)
        director.write("W", writing)
        director.read("R0", reading)
        director.deployment.server.go(answers=True)
        director.read("R1", reading)
        director.heal_until(reading, State.ON)
        director.read("R2", reading)
        director.read("R3", reading)
        return director.told() if director.stage.violation else ""


def write_outlives_its_namespace(code: Code) -> str:
    """A commit takes so long that the fence closes, arms and opens meanwhile."""
    with directing(code, linear=False) as director:
        writing, reading = (director.deployment.process() for _ in range(2))
        director.deployment.writer("W", writing)
        director.step("W starts", "W mark")
        director.deployment.does("operator", reading.control.drop)
        director.to_the_end("operator")
        director.heal_until(reading, State.ON)
        director.read("R0", reading)
        director.step("W commits")
        director.to_the_end("W")
        director.read("R1", reading)
        return director.told() if director.stage.violation else ""


def server_restarts_from_a_dump(code: Code) -> str:
    """A dead value comes back with a dump, the healer moves on to the new run."""
    with directing(code, linear=False) as director:
        director.deployment.warm()
        writing, reading = (director.deployment.process() for _ in range(2))
        director.deployment.server.save()
        director.write("W", writing)
        director.deployment.server.restart()
        director.read("R0", reading)
        assert director.heal(reading) is State.OFF or code != Code()
        director.read("R1", reading)
        director.heal_until(reading, State.ON)
        director.read("R2", reading)
        director.write("V", writing)
        director.read("R3", reading)
        return director.told() if director.stage.violation else ""


def clear_is_lost_after_its_mark(code: Code) -> str:
    """Redis loses a mark, somebody fills, and then the clear fails."""
    with directing(code, linear=False, faults=1) as director:
        process = director.deployment.process()
        director.deployment.writer("W", process)
        director.step("W starts", "W mark")
        director.deployment.server.forget(marks=True)
        director.read("R0", process)
        director.step("W commits", "W clear!lost")
        director.to_the_end("W")
        director.read("R1", process)
        return director.told() if director.stage.violation else ""


def slow_writer_believes_off(code: Code) -> str:
    """A writer hears late of ``off``, waits, and commits when ``arm`` is nearly over (G2).

    Its commit keeps within the deadline, but it began later than the healer reckons with.
    """
    with directing(code) as director:
        begin_closed(director)
        deployment, timing = director.deployment, director.deployment.timing
        writing = deployment.process(leased=False, slow=True)
        reading, uncached = deployment.process(), deployment.process(leased=False)
        director.heal(reading)
        director.wait(timing.heal_s + 0.1)
        deployment.writer("W", writing)
        director.step("W starts", "W reads the fence")
        armed_at = deployment.stage.clock
        assert director.heal(reading) is State.ARM
        director.wait(timing.lease_s - 0.05)
        director.step("W hears of it", TIME, "W wakes")
        began_at = deployment.stage.clock
        director.all_of_but("W", "commits")
        director.wait(armed_at + timing.grace_s + timing.write_deadline_s + 0.01 - began_at)
        assert director.heal(reading) is State.ON
        assert deployment.stage.clock < began_at + timing.write_deadline_s
        director.read_all_but_fill("R0", reading)
        director.step("W commits")
        director.read("R1", uncached)
        director.all_of("R0")
        director.read("R2", reading)
        return director.told() if director.stage.violation else ""


def fence_is_removed_under_a_running_fleet(code: Code) -> str:
    """Somebody removes the fence's document, and one process is started at that moment."""
    with directing(code, linear=False) as director:
        deployment = director.deployment
        writing, starting = deployment.process(), deployment.process(leased=False)
        deployment.document.fence = None
        deployment.does("S", lambda: starting.lease.start(deployment.server.run_id))
        director.all_of("S")
        director.read("R0", starting)
        director.write("W", writing)
        director.read("R1", starting)
        return director.told() if director.stage.violation else ""


def mark_is_lost(code: Code) -> str:
    """R1: Redis loses a mark while its write is in flight, and reads overlap the write (G2)."""
    with directing(code) as director:
        deployment = director.deployment
        process, uncached = deployment.process(), deployment.process(leased=False)
        deployment.writer("W", process)
        director.step("W starts", "W mark")
        deployment.server.forget(marks=True)
        director.read("R0", process)
        director.step("W commits")
        director.read("R1", uncached)
        director.read("R2", process)
        return director.told() if director.stage.violation else ""

"""A reader, step by step as in ``service.coherence.reads``: get, else acquire, load and fill."""

from collections.abc import Iterator
from typing import Literal

from tests.model.cache import cell_of, send
from tests.model.rules import Rules, Setup
from tests.model.state import Command, Reader, Stale, Step, Steps, World


def reader_steps(world: World, setup: Setup, rules: Rules, number: int) -> Steps:
    """Return what this reader can do next; raises ``Stale`` where it can return too little."""
    match world.readers[number].at:
        case "idle":
            yield from _start(world, setup, number)
        case "get":
            yield from _get(world, setup, rules, number)
        case "missed":
            yield from _again(world, setup, number)
        case "acquire":
            yield from _acquire(world, setup, rules, number)
        case "load" | "bypass":
            yield _loaded(world, setup, number)
        case "fill":
            yield from _fill(world, rules, number)
        case _:
            pass


def _ways(
    world: World, setup: Setup, number: int, at: Literal["get", "acquire"]
) -> Iterator[Reader]:
    """Go to the cache if the lease allows it, or to the database (the lease may have run out)."""
    process = setup.readers[number]
    lease = world.leases[process]
    floor = world.floor if at == "get" else world.readers[number].floor
    if lease is not None and lease.readable and process not in setup.without_redis:
        yield Reader(at, floor, lease)
    yield Reader("bypass", floor)


def _start(world: World, setup: Setup, number: int) -> Steps:
    process = setup.readers[number]
    for before in range(number):
        if setup.readers[before] == process and world.readers[before].at == "idle":
            return  # interchangeable with the one before, which goes first
    for at in _ways(world, setup, number, "get"):
        yield f"R{number} starts: {at.at}, floor {world.floor}", world.reader(number, at)


def _get(world: World, setup: Setup, rules: Rules, number: int) -> Steps:
    reader, name = world.readers[number], f"R{number}"
    fence = reader.fence
    assert fence is not None
    bypassing = Reader("bypass", reader.floor)
    if rules.bound_to_run and world.run != fence.run:
        yield f"{name} get refused", world.reader(number, bypassing)
        return
    held = cell_of(world.cells, fence.namespace if rules.namespace_in_key else 0).held
    if held is not None and held.kind == "value":
        yield _returned(world, setup, number, held.number, Reader("done"))
    else:
        yield f"{name} get: nothing", world.reader(number, Reader("missed", reader.floor))
    if world.budget.faults:
        budget = world.budget._replace(faults=world.budget.faults - 1)
        yield f"{name} get FAILED", world._replace(budget=budget).reader(number, bypassing)


def _again(world: World, setup: Setup, number: int) -> Steps:
    """Look at the lease as it is now, and ask for the right to fill."""
    for at in _ways(world, setup, number, "acquire"):
        yield f"R{number} missed: {at.at}", world.reader(number, at)


def _loaded(world: World, setup: Setup, number: int) -> Step:
    """Answer what the database says; who was granted the slot has it to fill afterwards."""
    reader = world.readers[number]
    granted = reader.at == "load"
    after = Reader("fill", 0, reader.fence, world.database) if granted else Reader("done")
    return _returned(world, setup, number, world.database, after)


def _acquire(world: World, setup: Setup, rules: Rules, number: int) -> Steps:
    reader, name = world.readers[number], f"R{number}"
    fence = reader.fence
    assert fence is not None
    command = Command("acquire", fence.namespace if rules.namespace_in_key else 0, number)
    for reply in send(world, rules, fence.run, command):
        if not reply.confirmed:
            after = reply.world.reader(number, Reader("bypass", reader.floor))
            yield f"{name} acquire FAILED", after
        elif reply.granted:
            after = reply.world.reader(number, Reader("load", reader.floor, fence))
            yield f"{name} may fill", after
        elif reply.held is not None and reply.held.kind == "value":
            yield _returned(reply.world, setup, number, reply.held.number, Reader("done"))
        else:
            for at in (Reader("missed", reader.floor), Reader("bypass", reader.floor)):
                yield f"{name} may not fill: {at.at}", reply.world.reader(number, at)


def _fill(world: World, rules: Rules, number: int) -> Steps:
    """Store what was loaded; the reader has its answer already."""
    reader, name = world.readers[number], f"R{number}"
    fence = reader.fence
    assert fence is not None
    namespace = fence.namespace if rules.namespace_in_key else 0
    command = Command("fill", namespace, number, reader.version)
    for reply in send(world, rules, fence.run, command):
        word = "fills" if reply.confirmed else "fill FAILED"
        yield f"{name} {word}", reply.world.reader(number, Reader("done"))


def _returned(world: World, setup: Setup, number: int, version: int, after: Reader) -> Step:
    floor = world.readers[number].floor
    if version < floor:
        raise Stale(f"R{number} returns {version}, below {floor}")
    if setup.linear:
        world = world._replace(floor=max(world.floor, version))
    return f"R{number} returns {version}", world.reader(number, after)

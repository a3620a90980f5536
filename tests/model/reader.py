"""A reader, step by step as in ``service.coherence.repository``: get, else acquire, load and fill.

Who asks the database gets the newest version, so that is never wrong, and matters only to G2: later
reads must not fall below it. Whoever gives up on the cache without having changed it could as well
have gone to the database at once: only that is searched, and only with ``linear``.
"""

from tests.model.cache import cell_of, send
from tests.model.rules import Rules, Setup
from tests.model.state import GlobalState, ModelCommand, Reader, ReaderAt, Stale, Step, Steps


def reader_steps(state: GlobalState, setup: Setup, rules: Rules, number: int) -> Steps:
    """Return what this reader can do next; raises ``Stale`` where it can return too little."""
    match state.readers[number].at:
        case "idle":
            yield from _start(state, setup, number)
        case "get":
            yield from _get(state, setup, rules, number)
        case "missed":
            # The lease is looked at as it is now.
            yield from _leased(state, setup, number, "acquire", state.readers[number].floor)
        case "acquire":
            yield from _acquire(state, setup, rules, number)
        case "load":
            reader = state.readers[number]
            filling = Reader("fill", 0, reader.fence, state.database)
            yield _returned(state, setup, number, state.database, filling)
        case "bypass":
            yield _returned(state, setup, number, state.database, Reader("done"))
        case "fill":
            yield from _fill(state, rules, number)
        case _:
            pass


def _leased(state: GlobalState, setup: Setup, number: int, at: ReaderAt, floor: int) -> Steps:
    """Go to the cache, if the lease allows it."""
    process = setup.readers[number]
    lease = state.leases[process]
    if lease.readable and process not in setup.without_redis:
        yield f"R{number}: {at}, floor {floor}", state.reader(number, Reader(at, floor, lease))


def _start(state: GlobalState, setup: Setup, number: int) -> Steps:
    process = setup.readers[number]
    for before in range(number):
        if setup.readers[before] == process and state.readers[before].at == "idle":
            return  # interchangeable with the one before, which goes first
    yield from _leased(state, setup, number, "get", state.floor)
    yield f"R{number} asks the database", state.reader(number, _bypassing(setup))


def _bypassing(setup: Setup) -> Reader:
    return Reader("bypass" if setup.linear else "done")


def _get(state: GlobalState, setup: Setup, rules: Rules, number: int) -> Steps:
    reader = state.readers[number]
    fence = reader.fence
    assert fence is not None
    if rules.bound_to_run and state.run != fence.run:
        return
    held = cell_of(state.cells, fence.namespace if rules.namespace_in_key else 0).held
    if held is not None and held.kind == "value":
        yield _returned(state, setup, number, held.number, Reader("done"))
    else:
        yield f"R{number} get: nothing", state.reader(number, Reader("missed", reader.floor))


def _acquire(state: GlobalState, setup: Setup, rules: Rules, number: int) -> Steps:
    reader, name = state.readers[number], f"R{number}"
    fence = reader.fence
    assert fence is not None
    command = ModelCommand("acquire", fence.namespace if rules.namespace_in_key else 0, number)
    for reply in send(state, rules, fence.run, command):
        after = reply.state
        if not reply.confirmed:
            if (after.cells, after.late) != (state.cells, state.late):
                yield f"{name} acquire FAILED", after.reader(number, _bypassing(setup))
        elif reply.granted:
            yield f"{name} may fill", after.reader(number, Reader("load", reader.floor, fence))
        elif reply.held is not None and reply.held.kind == "value":
            yield _returned(after, setup, number, reply.held.number, Reader("done"))
        else:
            yield f"{name} may not fill", after.reader(number, Reader("missed", reader.floor))


def _fill(state: GlobalState, rules: Rules, number: int) -> Steps:
    """Store what was loaded; the reader has its answer already."""
    reader = state.readers[number]
    fence = reader.fence
    assert fence is not None
    namespace = fence.namespace if rules.namespace_in_key else 0
    command = ModelCommand("fill", namespace, number, reader.version)
    for reply in send(state, rules, fence.run, command):
        word = "fills" if reply.confirmed else "fill FAILED"
        yield f"R{number} {word}", reply.state.reader(number, Reader("done"))


def _returned(state: GlobalState, setup: Setup, number: int, version: int, after: Reader) -> Step:
    floor = state.readers[number].floor
    if version < floor:
        raise Stale(f"R{number} returns {version}, below {floor}")
    if setup.linear:
        state = state._replace(floor=max(state.floor, version))
    return f"R{number} returns {version}", state.reader(number, after)

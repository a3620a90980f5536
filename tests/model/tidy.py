"""Forgetting what can never matter again, so that equal futures become one state."""

from tests.model.rules import Rules, Setup
from tests.model.state import GlobalState, ModelCell, ModelFence, ModelHeld, Reader

_UNLEASED = frozenset({"load", "bypass", "fill", "done", "queued"})


def tidied(state: GlobalState, setup: Setup, rules: Rules) -> GlobalState:
    """Return the state without leases, floors and namespaces that nobody will look at."""
    everybody = state.readers + state.writers
    processes = setup.readers + setup.writers
    pairs = zip(everybody, processes, strict=True)
    looking = [process for who, process in pairs if who.at not in _UNLEASED]
    for process, lease in enumerate(state.leases):
        if lease is not None and process not in looking:
            state = state.leased(process, None)
    if all(reader.at != "idle" for reader in state.readers):
        # Nobody looks at the floor any more, nor at who would raise it.
        readers = tuple(Reader("done") if each.at == "bypass" else each for each in state.readers)
        state = state._replace(floor=0, readers=readers)
    if rules.namespace_in_key and state.fence.namespace:
        state = _without_dead_namespaces(state, state.fence)
    return _in_order(state, setup.readers)


def _in_order(state: GlobalState, processes: tuple[int, ...]) -> GlobalState:
    """Return the state with the readers of each process in one order: which is which is nothing."""
    readers = state.readers
    if len(set(processes)) == len(processes):
        return state
    order = sorted(range(len(readers)), key=lambda each: (processes[each], _rank(readers[each])))
    if order == sorted(order):
        return state
    now = {before: number for number, before in enumerate(order)}

    def renamed(cells: tuple[ModelCell, ...]) -> tuple[ModelCell, ...]:
        return tuple(
            cell._replace(held=ModelHeld("token", now[cell.held.number]))
            if cell.held is not None and cell.held.kind == "token"
            else cell
            for cell in cells
        )

    return state._replace(
        readers=tuple(readers[before] for before in order),
        cells=renamed(state.cells),
        dump=None if state.dump is None else renamed(state.dump),
        late=frozenset(
            each._replace(who=now[each.who]) if each.kind in ("acquire", "fill") else each
            for each in state.late
        ),
    )


def _rank(reader: Reader) -> tuple[object, ...]:
    return reader.at, reader.floor, reader.version, reader.fence or ()


def _without_dead_namespaces(state: GlobalState, fence: ModelFence) -> GlobalState:
    used = {reader.fence.namespace for reader in state.readers if reader.fence is not None}
    used |= {lease.namespace for lease in state.leases if lease is not None}
    used.add(fence.namespace)
    cells = (*state.cells, *(state.dump or ()))
    if all(cell.namespace in used for cell in cells) and not state.late:
        return state

    def living(cells: tuple[ModelCell, ...]) -> tuple[ModelCell, ...]:
        return tuple(cell for cell in cells if cell.namespace in used)

    return state._replace(
        cells=living(state.cells),
        dump=None if state.dump is None else living(state.dump),
        late=frozenset(command for command in state.late if command.namespace in used),
    )

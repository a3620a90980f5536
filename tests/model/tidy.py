"""Forgetting what can never matter again, so that equal futures become one world."""

from tests.model.rules import Rules, Setup
from tests.model.state import Cell, Fence, Held, Reader, World

_UNLEASED = frozenset({"load", "bypass", "fill", "done", "queued"})


def tidied(world: World, setup: Setup, rules: Rules) -> World:
    """Return the world without leases, floors and namespaces that nobody will look at."""
    everybody = world.readers + world.writers
    processes = setup.readers + setup.writers
    pairs = zip(everybody, processes, strict=True)
    looking = [process for who, process in pairs if who.at not in _UNLEASED]
    for process, lease in enumerate(world.leases):
        if lease is not None and process not in looking:
            world = world.leased(process, None)
    if all(reader.at != "idle" for reader in world.readers):
        # Nobody looks at the floor any more, nor at who would raise it.
        readers = tuple(Reader("done") if each.at == "bypass" else each for each in world.readers)
        world = world._replace(floor=0, readers=readers)
    if rules.namespace_in_key and world.fence.namespace:
        world = _without_dead_namespaces(world, world.fence)
    return _in_order(world, setup.readers)


def _in_order(world: World, processes: tuple[int, ...]) -> World:
    """Return the world with the readers of each process in one order: which is which is nothing."""
    readers = world.readers
    if len(set(processes)) == len(processes):
        return world
    order = sorted(range(len(readers)), key=lambda each: (processes[each], _rank(readers[each])))
    if order == sorted(order):
        return world
    now = {before: number for number, before in enumerate(order)}

    def renamed(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(
            cell._replace(held=Held("token", now[cell.held.number]))
            if cell.held is not None and cell.held.kind == "token"
            else cell
            for cell in cells
        )

    return world._replace(
        readers=tuple(readers[before] for before in order),
        cells=renamed(world.cells),
        dump=None if world.dump is None else renamed(world.dump),
        late=frozenset(
            each._replace(who=now[each.who]) if each.kind in ("acquire", "fill") else each
            for each in world.late
        ),
    )


def _rank(reader: Reader) -> tuple[object, ...]:
    return reader.at, reader.floor, reader.version, reader.fence or ()


def _without_dead_namespaces(world: World, fence: Fence) -> World:
    used = {reader.fence.namespace for reader in world.readers if reader.fence is not None}
    used |= {lease.namespace for lease in world.leases if lease is not None}
    used.add(fence.namespace)
    cells = (*world.cells, *(world.dump or ()))
    if all(cell.namespace in used for cell in cells) and not world.late:
        return world

    def living(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(cell for cell in cells if cell.namespace in used)

    return world._replace(
        cells=living(world.cells),
        dump=None if world.dump is None else living(world.dump),
        late=frozenset(command for command in world.late if command.namespace in used),
    )

"""Forgetting what can never matter again, so that equal futures become one world."""

from tests.model.rules import Rules, Setup
from tests.model.state import Cell, Fence, World

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
    if world.floor and all(reader.at != "idle" for reader in world.readers):
        world = world._replace(floor=0)
    if rules.namespace_in_key and world.fence.namespace:
        return _without_dead_namespaces(world, world.fence)
    return world


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

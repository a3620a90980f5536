"""The cache server: what its four commands do, and how a command can fail."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.model.rules import Rules
from tests.model.state import Cell, Command, Held, Steps, World


class Reply(NamedTuple):
    """What came of a command: the world after it, whether it was confirmed, what it answered."""

    world: World
    confirmed: bool
    held: Held | None = None
    granted: bool = False


def cell_of(cells: tuple[Cell, ...], namespace: int) -> Cell:
    """Return the slot and marks of a namespace."""
    for cell in cells:
        if cell.namespace == namespace:
            return cell
    return Cell(namespace, None, frozenset())


def with_cell(cells: tuple[Cell, ...], cell: Cell) -> tuple[Cell, ...]:
    """Return the cells with this one; an empty one is left out."""
    others = [other for other in cells if other.namespace != cell.namespace]
    if cell.held is not None or cell.marks:
        others.append(cell)
    return tuple(sorted(others, key=lambda each: each.namespace))


def executed(rules: Rules, cells: tuple[Cell, ...], command: Command) -> tuple[Cell, ...]:
    """Return the cells after the server ran a command, as the Lua scripts do."""
    namespace, held, marks = cell_of(cells, command.namespace)
    own = Held("token", command.who)
    match command.kind:
        case "mark":
            held, marks = None, marks | {command.who}
        case "clear":
            held, marks = None, marks - {command.who}
        case "acquire":
            held = own if held is None and not marks else held
        case "fill":
            stands = held == own or not rules.token_decides_fill
            held = Held("value", command.version) if stands else held
    return with_cell(cells, Cell(namespace, held, marks))


def send(world: World, rules: Rules, run: int, command: Command) -> Iterator[Reply]:
    """Return everything that can come of a command on a connection to this run of the server."""
    if rules.bound_to_run and world.run != run:
        yield Reply(world, confirmed=False)
        return
    before = cell_of(world.cells, command.namespace).held
    after = executed(rules, world.cells, command)
    done = world._replace(cells=after)
    granted = cell_of(after, command.namespace).held == Held("token", command.who)
    yield Reply(done, confirmed=True, held=before, granted=granted)
    if world.budget.faults:
        budget = world.budget._replace(faults=world.budget.faults - 1)
        failed = world._replace(budget=budget)
        yield Reply(failed, confirmed=False)
        if after != world.cells:
            yield Reply(failed._replace(cells=after), confirmed=False)
        yield Reply(failed._replace(late=world.late | {command}), confirmed=False)


def server_steps(world: World, rules: Rules) -> Steps:
    """Return what the server does by itself: late commands, evictions, dumps and restarts."""
    for command in world.late:
        cells = executed(rules, world.cells, command)
        yield f"late {command.kind}", world._replace(cells=cells, late=world.late - {command})
    budget = world.budget
    if budget.evictions:
        fewer = world._replace(budget=budget._replace(evictions=budget.evictions - 1))
        for cell in world.cells:
            if cell.held is not None:
                gone = cell._replace(held=None)
                yield "slot evicted", fewer._replace(cells=with_cell(world.cells, gone))
            if cell.marks:
                gone = cell._replace(marks=frozenset())
                yield "marks lost", fewer._replace(cells=with_cell(world.cells, gone))
    if budget.restarts:
        if world.dump is None:
            yield "server dumps", world._replace(dump=world.cells)
        yield (
            "server restarts from its dump",
            world._replace(
                cells=world.dump or (),
                run=world.run + 1,
                late=frozenset(),
                budget=budget._replace(restarts=budget.restarts - 1),
            ),
        )

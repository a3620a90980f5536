"""The cache server: what its four commands do, and how a command can fail."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.model.rules import Rules
from tests.model.state import GlobalState, ModelCell, ModelCommand, ModelHeld, Steps


class Reply(NamedTuple):
    """What came of a command: the state after it, whether it was confirmed, what it answered."""

    state: GlobalState
    confirmed: bool
    held: ModelHeld | None = None
    granted: bool = False


def cell_of(cells: tuple[ModelCell, ...], namespace: int) -> ModelCell:
    """Return the slot and marks of a namespace."""
    for cell in cells:
        if cell.namespace == namespace:
            return cell
    return ModelCell(namespace, None, frozenset())


def with_cell(cells: tuple[ModelCell, ...], cell: ModelCell) -> tuple[ModelCell, ...]:
    """Return the cells with this one; an empty one is left out."""
    others = [other for other in cells if other.namespace != cell.namespace]
    if cell.held is not None or cell.marks:
        others.append(cell)
    return tuple(sorted(others, key=lambda each: each.namespace))


def executed(
    rules: Rules, cells: tuple[ModelCell, ...], command: ModelCommand
) -> tuple[ModelCell, ...]:
    """Return the cells after the server ran a command, as the Lua scripts do."""
    namespace, held, marks = cell_of(cells, command.namespace)
    own = ModelHeld("token", command.who)
    match command.kind:
        case "mark":
            held, marks = None, marks | {command.who}
        case "clear":
            held, marks = None, marks - {command.who}
        case "acquire":
            held = own if held is None and not marks else held
        case "fill":
            stands = held == own or not rules.token_decides_fill
            held = ModelHeld("value", command.version) if stands else held
    return with_cell(cells, ModelCell(namespace, held, marks))


def send(state: GlobalState, rules: Rules, run: int, command: ModelCommand) -> Iterator[Reply]:
    """Return everything that can come of a command on a connection to this run of the server."""
    if rules.bound_to_run and state.run != run:
        yield Reply(state, confirmed=False)
        return
    before = cell_of(state.cells, command.namespace).held
    after = executed(rules, state.cells, command)
    done = state._replace(cells=after)
    granted = cell_of(after, command.namespace).held == ModelHeld("token", command.who)
    yield Reply(done, confirmed=True, held=before, granted=granted)
    if state.budget.faults:
        budget = state.budget._replace(faults=state.budget.faults - 1)
        failed = state._replace(budget=budget)
        yield Reply(failed, confirmed=False)
        if after != state.cells:
            yield Reply(failed._replace(cells=after), confirmed=False)
        yield Reply(failed._replace(late=state.late | {command}), confirmed=False)


def server_steps(state: GlobalState, rules: Rules) -> Steps:
    """Return what the server does by itself: late commands, evictions, dumps and restarts."""
    for command in state.late:
        cells = executed(rules, state.cells, command)
        yield f"late {command.kind}", state._replace(cells=cells, late=state.late - {command})
    budget = state.budget
    if budget.evictions:
        fewer = state._replace(budget=budget._replace(evictions=budget.evictions - 1))
        for cell in state.cells:
            if cell.held is not None:
                gone = cell._replace(held=None)
                yield "slot evicted", fewer._replace(cells=with_cell(state.cells, gone))
            if cell.marks:
                gone = cell._replace(marks=frozenset())
                yield "marks lost", fewer._replace(cells=with_cell(state.cells, gone))
    if budget.restarts:
        if state.dump is None:
            yield "server dumps", state._replace(dump=state.cells)
        yield (
            "server restarts from its dump",
            state._replace(
                cells=state.dump or (),
                run=state.run + 1,
                late=frozenset(),
                budget=budget._replace(restarts=budget.restarts - 1),
            ),
        )

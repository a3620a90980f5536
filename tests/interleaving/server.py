"""The cache server: its memory, and what can happen to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from service.coherence.fence import Fence
from service.domain import CachedValue
from tests.interleaving.stage import Part, Stage


class Held(NamedTuple):
    """What a key of a slot holds: a value, a fill token, or the trace of an invalidation."""

    kind: Literal["V", "L", "X"]
    content: bytes
    ends: float


@dataclass
class Cell:
    """The keys of one user in one namespace."""

    slots: dict[CachedValue, Held] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)

    def copied(self) -> "Cell":
        """Return a cell of its own with the same content."""
        return Cell(dict(self.slots), dict(self.marks))


@dataclass
class Server:
    """The cache server: its memory, its run, and whether it answers."""

    stage: Stage
    run_id: str = "run-1"
    answers: bool = True
    hangs: bool = False
    cells: dict[tuple[str, int], Cell] = field(default_factory=dict)
    dump: dict[tuple[str, int], Cell] = field(default_factory=dict)
    held_back: list[Callable[[], object]] = field(default_factory=list)

    def cell(self, fence: Fence) -> Cell:
        """Return the keys of a fence's namespace."""
        return self.cells.setdefault((fence.deployment, fence.namespace), Cell())

    def held(self, cell: Cell, slot: CachedValue) -> Held | None:
        """Return what a key holds now."""
        held = cell.slots.get(slot)
        if held is not None:
            self.stage.reads(Part.CLOCK)
            if held.ends <= self.stage.clock:
                del cell.slots[slot]
                return None
        return held

    def save(self) -> None:
        """Keep what a restart would bring back."""
        self.stage.writes(Part.CACHE)
        self.dump = {key: cell.copied() for key, cell in self.cells.items()}

    def restart(self) -> None:
        """Come back as another run, with what was saved."""
        self.stage.writes(Part.CACHE)
        self.cells = {key: cell.copied() for key, cell in self.dump.items()}
        self.run_id += "'"
        self.held_back.clear()

    def go(self, *, answers: bool) -> None:
        """Stop answering, or begin again."""
        self.stage.writes(Part.CACHE)
        self.answers = answers

    def hang(self) -> None:
        """Stop, as on SIGSTOP: commands pile up."""
        self.stage.writes(Part.CACHE)
        self.hangs = True

    def go_on(self) -> None:
        """Execute what piled up, though nobody waits for it any more."""
        self.stage.writes(Part.CACHE)
        self.hangs = False
        for command in self.held_back:
            command()
        self.held_back.clear()

    def forget(self, *, slots: bool = True, marks: bool = False) -> None:
        """Evict, in every namespace."""
        self.stage.writes(Part.CACHE)
        for cell in self.cells.values():
            if slots:
                cell.slots.clear()
            if marks:
                cell.marks.clear()

    def spoil(self) -> None:
        """Put bytes that are no entry where there is a value."""
        self.stage.writes(Part.CACHE)
        for cell in self.cells.values():
            for slot in [slot for slot, held in cell.slots.items() if held.kind == "V"]:
                cell.slots[slot] = cell.slots[slot]._replace(content=b"?")

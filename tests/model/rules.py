"""The rules of the protocol, each of which a mutant breaks, and the bounds of a search."""

from dataclasses import dataclass, field, replace

from tests.model.state import Budget, GlobalState, ModelCell, ModelFence, ModelHeld, Reader, Writer


@dataclass(frozen=True, slots=True)
class Rules:
    """What the protocol does; a mutant turns one of them off.

    The code does not keep ``remade_fence_is_closed``, which is part of the residual risk R3.
    """

    token_decides_fill: bool = True
    marks_before_commit: bool = True
    failure_closes_fence: bool = True
    waits_for_older_leases: bool = True
    arms_before_opening: bool = True
    writes_under_lease: bool = True
    bound_to_run: bool = True
    mark_never_excuses_clear: bool = True
    namespace_in_key: bool = True
    settles_with_present_fence: bool = True
    open_waits: bool = True
    arm_waits: bool = True
    looks_again_after_waiting: bool = True
    marks_while_disabled: bool = True
    absent_closes_fence: bool = True
    remade_fence_is_closed: bool = True
    commit_counts_from_question: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """The bounds of one search: who runs in which process, and what may go wrong.

    ``writers`` and ``readers`` hold the number of the process of each. ``linear`` checks G2,
    else G1 only. Without ``deadline`` a commit may take longer than the write deadline.
    ``max_seq`` bounds how often the fence moves (writers may close it beyond that). With ``slow``
    a writer may also decide by an answer of the database that took longer than a lease lasts.
    """

    writers: tuple[int, ...] = (0,)
    readers: tuple[int, ...] = (0, 1)
    without_redis: frozenset[int] = frozenset()
    budget: Budget = field(default_factory=Budget)
    linear: bool = True
    deadline: bool = True
    late_commit: bool = False
    warm: bool = True
    born: bool = True
    slow: bool = False
    max_seq: int = 4

    @property
    def processes(self) -> int:
        return max((*self.writers, *self.readers)) + 1

    def first_world(self) -> GlobalState:
        """Return the moment before anything happens; with ``born`` everybody holds a lease."""
        fence = ModelFence(0, "on" if self.born else "gone", 0, 0)
        cells = (
            (ModelCell(0, ModelHeld("value", 0), frozenset()),) if self.warm and self.born else ()
        )
        return GlobalState(
            database=0,
            floor=0,
            fence=fence,
            run=0,
            cells=cells,
            dump=None,
            late=frozenset(),
            leases=(fence,) * self.processes,
            writers=(Writer(),) * len(self.writers),
            readers=(Reader(),) * len(self.readers),
            budget=self.budget,
        )


def without(*rules: str) -> Rules:
    """Return the rules of the protocol with these broken."""
    return replace(Rules(), **dict.fromkeys(rules, False))

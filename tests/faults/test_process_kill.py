"""A service process is killed in the middle of a write; the others must not notice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import pytest
from _pytest.mark import ParameterSet

from benchmarks.stack.relay import RelayMode
from tests.faults import page
from tests.faults.process_callers import NO_ANSWER, Answers, CallingPerson, seconds
from tests.faults.process_deployment import PATIENT, DeploymentMember, ProcessDeployment
from tests.waiting import until

# Redis remembers a mark for a second longer than it counts.
LONGEST_MARK_S = 2 * float(PATIENT["DATABASE_DEADLINE_SECONDS"]) + 1


@dataclass(frozen=True)
class HeldWrite:
    """A process that is renaming a todo from ``before`` to ``after``.

    Its owner reads it all the time through another process.
    """

    deployment: ProcessDeployment
    person: CallingPerson
    reads: Answers
    victim: DeploymentMember

    def is_committed(self) -> bool:
        """Tell whether the database has the new heading."""
        return self.deployment.stored(self.person) == ["after"]

    def is_marked(self) -> bool:
        return self.deployment.marks(self.person) > 0

    def wait_for_mark(self) -> None:
        """Return when the mark stands and somebody has read, who could fill if it did not."""
        until(self.is_marked, "mark")
        marked = perf_counter()
        self.reads.wait_for(200, since=marked)

    def release_commit(self) -> None:
        """Let the commit go on, and wait until the database has it."""
        self.victim.mongo.switch(RelayMode.NORMAL)
        until(self.is_committed, "commit")


def _before_commit(_: HeldWrite) -> None:
    """Do nothing: the commit is held."""


def _before_clear(write: HeldWrite) -> None:
    """Let the commit through, and hold what is sent to Redis after it."""
    write.victim.redis.switch(RelayMode.HOLD)
    write.release_commit()


def _before_answer(write: HeldWrite) -> None:
    """Let the commit and the clear through, and keep the reply to the clear from the process."""
    write.victim.redis.switch(RelayMode.DROP_REPLIES)
    write.release_commit()
    until(lambda: not write.is_marked(), "clear")


def _row(
    point: str, advance: Callable[[HeldWrite], None], *, committed: bool, marked: bool
) -> ParameterSet:
    ends = "the mark ends with its time, which is skipped" if marked else "no mark is left"
    row = page.fault(
        "Process",
        f"killed mid-write {point}",
        "the write is held there by the proxies; kill -9",
        f"other processes read what the database has; {ends}; hits return",
    )
    return pytest.param(advance, committed, marked, id=point, marks=row)


@pytest.fixture(scope="module")
def survivor(shared: ProcessDeployment) -> DeploymentMember:
    return shared.start(env=PATIENT)


@pytest.mark.parametrize(
    ("advance", "committed", "marked"),
    [
        _row("after mark, before commit", _before_commit, committed=False, marked=True),
        _row("after commit, before clear", _before_clear, committed=True, marked=True),
        _row("after clear, before answer", _before_answer, committed=True, marked=False),
    ],
)
def test_a_writer_that_is_killed_leaves_nothing_stale(
    shared: ProcessDeployment,
    survivor: DeploymentMember,
    figures: dict[str, object],
    *,
    advance: Callable[[HeldWrite], None],
    committed: bool,
    marked: bool,
) -> None:
    person = survivor.sign_up()
    person.has_todo("before")
    closings = shared.closings()
    with person.reading() as reads:
        write = HeldWrite(shared, person, reads, shared.start(env=PATIENT))
        _kill(write, advance)
        state = write.is_committed(), write.is_marked()
        left_s = shared.end_marks(person)
        seen = perf_counter()
        hits_after = reads.wait_for_hit(since=seen)
        reads.must_show("after" if committed else "before", since=seen)
        retried = person.rename("again")
        acked = perf_counter()
        reads.wait_for_hit(since=acked)

    if marked:
        figures["the mark would have stayed"] = seconds(left_s)
    figures["hits again after"] = seconds(hits_after)
    assert state == (committed, marked)
    assert retried.status == 200
    assert reads.statuses == {200}
    reads.must_show("again", since=acked)
    assert (0 < left_s <= LONGEST_MARK_S) if marked else left_s == 0
    assert shared.closings() == closings


def _kill(write: HeldWrite, advance: Callable[[HeldWrite], None]) -> None:
    """Kill the process at that point of its write."""
    victim, person = write.victim, write.person.at(write.victim.url)
    person.reads_hit()
    victim.mongo.switch(RelayMode.HOLD)
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(person.rename, "after")
        try:
            write.wait_for_mark()
            advance(write)
        finally:
            victim.process.kill()
        assert writing.result().status == NO_ANSWER

"""A service process is killed in the middle of a write; the others must not notice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import pytest

from benchmarks.stack.relay import RelayMode
from tests.faults.page import row
from tests.faults.process_callers import NO_ANSWER, CallerAnswers, CallingPerson, seconds
from tests.faults.process_deployment import PATIENT, DeploymentMember, ProcessDeployment
from tests.waiting import until

# Redis remembers a mark for a second longer than it counts.
LONGEST_MARK_S = 2 * float(PATIENT["DATABASE_DEADLINE_SECONDS"]) + 1


@dataclass(frozen=True)
class HeldWrite:
    """A process that is renaming a todo from ``before`` to ``after``, which its proxies hold."""

    deployment: ProcessDeployment
    person: CallingPerson
    victim: DeploymentMember

    def is_committed(self) -> bool:
        """Tell whether the database has the new heading."""
        return self.deployment.stored(self.person) == ["after"]

    def is_marked(self) -> bool:
        return self.deployment.marks(self.person) > 0

    def before_commit(self) -> None:
        """Do nothing: the commit is held."""

    def before_clear(self) -> None:
        """Let the commit through, and hold what is sent to Redis after it."""
        self.victim.redis.switch(RelayMode.HOLD)
        self.victim.mongo.switch(RelayMode.NORMAL)
        until(self.is_committed, "commit")

    def before_answer(self) -> None:
        """Let the commit and the clear through, and keep the clear's reply from the process."""
        self.victim.redis.switch(RelayMode.DROP_REPLIES)
        self.victim.mongo.switch(RelayMode.NORMAL)
        until(self.is_committed, "commit")
        until(lambda: not self.is_marked(), "clear")


@pytest.fixture(scope="module")
def survivor(shared: ProcessDeployment) -> DeploymentMember:
    return shared.start(env=PATIENT)


@pytest.mark.parametrize(
    "point",
    [
        row((HeldWrite.before_commit, False, True), "killed mid-write after mark, before commit"),
        row((HeldWrite.before_clear, True, True), "killed mid-write after commit, before clear"),
        row((HeldWrite.before_answer, True, False), "killed mid-write after clear, before answer"),
    ],
)
def test_a_writer_that_is_killed_leaves_nothing_stale(
    shared: ProcessDeployment,
    survivor: DeploymentMember,
    figures: dict[str, object],
    point: tuple[Callable[[HeldWrite], None], bool, bool],
) -> None:
    advance, committed, marked = point
    person = survivor.sign_up()
    person.has_todo("before")
    closings = shared.closings()
    with person.reading() as reads:
        write = HeldWrite(shared, person, shared.start(env=PATIENT))
        _kill(write, advance, reads)
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


def _kill(write: HeldWrite, advance: Callable[[HeldWrite], None], reads: CallerAnswers) -> None:
    """Kill the process at that point of its write, which others have read through meanwhile."""
    victim, person = write.victim, write.person.at(write.victim.url)
    person.reads_hit()
    victim.mongo.switch(RelayMode.HOLD)
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(person.rename, "after")
        try:
            until(write.is_marked, "mark")
            # This read would fill the cache if there were no mark.
            reads.wait_for(200, since=perf_counter())
            advance(write)
        finally:
            victim.process.kill()
        assert writing.result().status == NO_ANSWER

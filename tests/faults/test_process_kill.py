"""A service process is killed in the middle of a write; the others must not notice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import pytest
from _pytest.mark import ParameterSet

from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import (
    NO_ANSWER,
    Answer,
    Person,
    last_is_hit,
    newest,
    repeated,
    seconds,
    stale,
    until,
)
from tests.faults.process_stage import PATIENT, Deployment, Member

# Redis remembers a mark for a second longer than it counts.
LONGEST_MARK_S = 2 * float(PATIENT["DATABASE_DEADLINE_SECONDS"]) + 1


@dataclass(frozen=True)
class Cast:
    """Somebody whose todo is renamed, and who reads it all the time through another process."""

    deployment: Deployment
    survivor: Member
    person: Person
    reads: list[Answer]


@dataclass(frozen=True)
class Scene:
    """A process that is renaming the todo from ``before`` to ``after``."""

    cast: Cast
    victim: Member

    def is_committed(self) -> bool:
        """Tell whether the database has the new heading."""
        return self.cast.deployment.stored(self.cast.person) == ["after"]

    def is_marked(self) -> bool:
        """Tell whether the writer's mark stands."""
        return self.cast.deployment.marked(self.cast.person)

    def wait_for_mark(self) -> None:
        """Return when the mark stands and somebody has read, who could fill if it did not."""
        until(self.is_marked, "mark")
        marked = perf_counter()
        until(lambda: newest(self.cast.reads, since=marked) is not None, "read")

    def release_commit(self) -> None:
        """Let the commit go on, and wait until the database has it."""
        self.victim.mongo.switch(RelayMode.NORMAL)
        until(self.is_committed, "commit")


def _before_commit(_scene: Scene) -> None:
    """Do nothing: the commit is held."""


def _before_clear(scene: Scene) -> None:
    """Let the commit through, and hold what is sent to Redis after it."""
    scene.victim.redis.switch(RelayMode.HOLD)
    scene.release_commit()


def _before_answer(scene: Scene) -> None:
    """Let the commit and the clear through, and keep the reply to the clear from the process."""
    scene.victim.redis.switch(RelayMode.DROP_REPLIES)
    scene.release_commit()
    until(lambda: not scene.is_marked(), "clear")


def _row(
    point: str, advance: Callable[[Scene], None], *, committed: bool, marked: bool
) -> ParameterSet:
    ends = "the mark ends with its time, which is skipped" if marked else "no mark is left"
    row = pytest.mark.fault(
        "Process",
        f"killed mid-write {point}",
        "the write is held there by the proxies; kill -9",
        f"other processes read what the database has; {ends}; hits return",
    )
    return pytest.param(advance, committed, marked, id=point, marks=row)


@pytest.mark.parametrize(
    ("advance", "committed", "marked"),
    [
        _row("after mark, before commit", _before_commit, committed=False, marked=True),
        _row("after commit, before clear", _before_clear, committed=True, marked=True),
        _row("after clear, before answer", _before_answer, committed=True, marked=False),
    ],
)
def test_a_writer_that_is_killed_leaves_nothing_stale(
    deployment: Deployment,
    figures: dict[str, object],
    *,
    advance: Callable[[Scene], None],
    committed: bool,
    marked: bool,
) -> None:
    survivor = deployment.start(env=PATIENT)
    person = survivor.sign_up()
    person.has_todo(survivor.url, "before")
    closings = deployment.closings()
    with repeated(lambda: person.read(survivor.url)) as reads:
        scene = _killed(Cast(deployment, survivor, person, reads), advance)
        state = scene.is_committed(), scene.is_marked()
        left_s = deployment.mark_left_s(person)
        deployment.end_marks(person)
        seen = perf_counter()
        hits_after = until(lambda: last_is_hit(reads, since=seen), "hit")
        old = stale(reads, "after" if committed else "before", since=seen)
        retried = person.rename(survivor.url, "again")
        acked = perf_counter()
        until(lambda: last_is_hit(reads, since=acked), "hit")
    old += stale(reads, "again", since=acked)

    if marked:
        figures["the mark would have stayed"] = seconds(left_s)
    figures["hits again after"] = seconds(hits_after)
    figures["fence closed"] = deployment.closings() - closings
    figures["5xx"] = sum(read.status >= 500 for read in reads)
    figures["stale"] = len(old)
    assert state == (committed, marked)
    assert retried.status == 200
    assert old == []
    assert {read.status for read in reads} == {200}
    assert (0 < left_s <= LONGEST_MARK_S) if marked else left_s == 0
    assert deployment.closings() == closings


def _killed(cast: Cast, advance: Callable[[Scene], None]) -> Scene:
    """Kill a new process at that point of a write."""
    scene = Scene(cast, cast.deployment.start(env=PATIENT))
    url = scene.victim.url
    cast.person.reads_hit(url)
    scene.victim.mongo.switch(RelayMode.HOLD)
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(cast.person.rename, url, "after")
        try:
            scene.wait_for_mark()
            advance(scene)
        finally:
            scene.victim.process.kill()
        assert writing.result().status == NO_ANSWER
    return scene

"""A user who writes once, while something is broken, and reads for as long as it takes.

The load writes all the time, and every write mends what an earlier one left behind in Redis. What
nobody mends shows here: the deletion that Redis never heard of, of a value that it still has.
"""

import itertools
import time
from collections.abc import Sequence

from tests.faults.process_callers import sign_up
from tests.waiting import until

_READS, _LOOKS = 5, 20


class Canary:
    """One user with one todo, at every process of a fleet."""

    def __init__(self, urls: Sequence[str]) -> None:
        person = sign_up(urls[0])
        self.user_id = person.user_id
        self._versions = itertools.count(1)
        self._heading = "version 0"
        person.has_todo(self._heading)
        self._at = [person.at(url) for url in urls]

    def recovered_s(self) -> float:
        """Wait until every process answers from the cache; return how long that took."""
        started = time.monotonic()
        for person in self._at:
            person.reads_hit()
        return time.monotonic() - started

    def settle(self) -> None:
        """Wait until the cache answers for a second, so that no change is still to be noticed."""
        until(self._is_steadily_hit, "go on answering from the cache")

    def write(self) -> None:
        """Change the todo, by way of the last process; fails unless that is acknowledged."""
        heading = f"version {next(self._versions)}"
        written = self._at[-1].rename(heading)
        assert written.status == 200, written
        self._heading = heading

    def stale_reads(self) -> int:
        """Read a few times at every process; return how often that was not the last version."""
        read = [person.read().headings() for _ in range(_READS) for person in self._at]
        return len(read) - read.count([self._heading])

    def _is_steadily_hit(self) -> bool:
        for _ in range(_LOOKS):
            if not all(person.read().is_hit for person in self._at):
                return False
            time.sleep(1 / _LOOKS)
        return True

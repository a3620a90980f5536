"""Scenarios that mix reads and writes of many users in a random order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.scenarios.actions import READS, READS_AND_WRITES
from benchmarks.scenarios.base import USUAL, Draw, Operation, Scenario, Setting
from benchmarks.scenarios.popularity import HOTTEST, UNIFORM, Latest, Popularity, Zipf

READ, WRITE = "list", "complete"
_WRITTEN_AT = re.compile(rb'"updated_at":"[^"]*"')


@dataclass(frozen=True, slots=True)
class Mix:
    """Independent operations: each is a read with the probability ``reads``, else a write."""

    popularity: Popularity
    reads: float = 1.0

    def __call__(self, given: Draw) -> Iterator[Operation]:
        """Draw the operations of a block."""
        choice = self.popularity.choice(given.users, given.rng)
        for _ in range(given.amount):
            if given.rng.random() < self.reads:
                yield Operation(choice.reader(), READ)
            else:
                yield Operation(choice.writer(), WRITE)


def without_instants(body: bytes) -> bytes:
    """Return a body without the moments at which the server wrote what is in it.

    They differ between variants, as each runs the same writes at a time of its own. The revisions
    stay: a list from before a write still differs from one after it. What users wrote cannot look
    like such a field, since quotation marks in a JSON text are escaped.
    """
    return _WRITTEN_AT.sub(b"", body)


def mix_scenario(
    name: str,
    purpose: str,
    mix: Mix,
    *,
    rate: float | None = None,
    setting: Setting = USUAL,
) -> Scenario:
    """Declare the scenario of a mix; ``rate`` is operations per second."""
    writes = mix.reads < 1
    return Scenario(
        name=name,
        purpose=purpose,
        actions=READS_AND_WRITES if writes else READS,
        draw=mix,
        kind="mix",
        changes=frozenset({WRITE}) if writes else frozenset(),
        rate=rate,
        setting=setting,
        comparable=without_instants,
    )


MIXES = (
    # The least that a cache can hope for: each user's first read misses, so the hit ratio of a
    # short block is mostly operations per user.
    mix_scenario(
        "uniform",
        "GET /todo/ of users that are all alike; from cold, so the operations per user bound the "
        "hits",
        Mix(UNIFORM),
    ),
    # YCSB's workload C: what popularity alone does for the hit ratio, beside ``uniform``.
    mix_scenario("zipf", "GET /todo/ of users with Zipf 0.99 popularity", Mix(Zipf())),
    # YCSB's workload B, the usual web application: a write invalidates what its user's next read
    # would have hit.
    mix_scenario(
        "mostly-reads",
        "95 % GET /todo/ and 5 % PUT /todo/{id} of users with Zipf 0.99 popularity",
        Mix(Zipf(), reads=0.95),
    ),
    # YCSB's workload A, where a cache should not pay: at most half of the reads can hit, and every
    # write pays for its invalidation.
    mix_scenario(
        "half-writes",
        "50 % GET /todo/ and 50 % PUT /todo/{id} of users with Zipf 0.99 popularity",
        Mix(Zipf(), reads=0.5),
    ),
    # YCSB's workload D, the hard case for invalidation: reads go where something has just been
    # written, so a list that is served too long would be seen at once.
    mix_scenario(
        "latest",
        "95 % GET /todo/ of the last writers, Zipf 0.99, and 5 % PUT /todo/{id} of any user",
        Mix(Latest(), reads=0.95),
    ),
    # Shows code that takes "nothing" for "not cached": with ``if cached_todos:``, as the tutorial
    # has it, an empty list is a miss each time; it must be a hit from the second read on.
    mix_scenario(
        "empty-lists",
        "GET /todo/ of users without todos, Zipf 0.99 popularity",
        Mix(Zipf()),
        setting=Setting(empty_share=1.0),
    ),
    # The TTL bounds the hit ratio. With the usual five minutes nothing ever expires in a run; the
    # hit ratio depends on reads per TTL only, so time is compressed: a second, and operations on a
    # schedule. A block should last several seconds. The database has to keep up with the rate, or
    # the block takes longer.
    mix_scenario(
        "ttl-bound",
        "100 GET /todo/ per second of users with Zipf 0.99 popularity, lists expire after a second",
        Mix(Zipf()),
        rate=100.0,
        setting=Setting(env=(("TODOS_TTL_SECONDS", "1"),)),
    ),
    # Tells a slow database from a missing index. Where ``zipf`` without a cache, and with the
    # index, is faster than this one with a cache, an index is what is needed.
    mix_scenario(
        "unindexed",
        "GET /todo/ of users with Zipf 0.99 popularity, each find scans all todos",
        Mix(Zipf()),
        setting=Setting(indexed=False),
    ),
)

HOT_KEY = mix_scenario(
    "hot-key", "99 % GET /todo/ and 1 % PUT /todo/{id}, all of one user", Mix(HOTTEST, reads=0.99)
)
"""A stampede: after each write all concurrent readers miss at once; a cache without stampede
control asks the database as often as there are readers."""

"""Changes of one todo: what invalidation, and being safe about it, costs a write.

Purpose: the price of the cache on the other side. A list that is read, but not recorded, before
each write makes sure that there is something to invalidate.
"""

from collections.abc import Sequence

from benchmarks.scenarios.base import Ask, Scenario


def _complete_first(todo_ids: Sequence[str]) -> Ask:
    return Ask("PUT", f"/todo/{todo_ids[0]}", b'{"completed":true}')


SCENARIO = Scenario(
    name="writes",
    purpose="five PUT /todo/{id} of one user, each after a read that is not counted",
    requests=5,
    ask=_complete_first,
    primed="request",
    changes=True,
)

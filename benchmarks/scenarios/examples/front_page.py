"""Three visits of the front page: works on any web server.

Run it with ``fivefold compare --target old=http://127.0.0.1:8080 --target
new=http://127.0.0.1:8081 --scenario benchmarks/scenarios/examples/front_page.py``.
"""

from collections.abc import Iterator

from benchmarks.scenarios.base import Ask, Draw, Member, Operation, Scenario


def front(_member: Member) -> Ask:
    """Ask for the front page."""
    return Ask("GET", "/")


def draw(given: Draw) -> Iterator[Operation]:
    """Visit it three times, as a returning user does."""
    for session in range(given.amount):
        for _ in range(3):
            yield Operation(user=0, action="front", session=session)


SCENARIO = Scenario(
    name="front-page",
    purpose="three visits of the front page, one after the other",
    actions={"front": front},
    draw=draw,
    requests=3,
)

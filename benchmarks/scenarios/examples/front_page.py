"""Three visits of the front page: works on any web server.

Run it with ``fivefold compare --target old=http://127.0.0.1:8080 --target
new=http://127.0.0.1:8081 --scenario benchmarks/scenarios/examples/front_page.py``.
"""

from benchmarks.scenarios.base import Ask, Member, Scenario, repeat


def front(_member: Member) -> Ask:
    """Ask for the front page."""
    return Ask("GET", "/")


SCENARIO = Scenario(
    name="front-page",
    purpose="three visits of the front page, one after the other",
    actions={"front": front},
    draw=repeat("front", times=3),
    requests=3,
)

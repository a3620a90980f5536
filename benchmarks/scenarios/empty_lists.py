"""Reads only, of users without todos.

Purpose: show who takes "nothing" for "not cached". With ``if cached_todos:``, as the starting
document has it, an empty list is a miss each time; it must be a hit from the second read on.
"""

from benchmarks.scenarios.base import Setting
from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Zipf

SCENARIO = mix_scenario(
    "empty-lists",
    "GET /todo/ of users without todos, Zipf 0.99 popularity",
    Mix(Zipf()),
    setting=Setting(empty_share=1.0),
)

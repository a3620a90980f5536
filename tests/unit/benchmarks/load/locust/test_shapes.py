"""The course of the number of users, scaled to what was asked for."""

from functools import cache
from typing import Any

import pytest

from tests.unit.benchmarks.load.locust.inside import inside

CODE = """
from types import SimpleNamespace
from benchmarks.load.locust import shapes

class Clock:
    at = 0.0
    def elapsed_s(self):
        return self.at

class Process:
    resets = 0
    def __init__(self):
        self.clock, self.wanted = Clock(), SimpleNamespace(run_time=100.0, users=20)
    def reset(self):
        self.resets += 1

def course(name):
    process = Process()
    shape = shapes.CLASSES[name](process)
    users = []
    for at in (0, 15, 35, 50, 65, 99, 100):
        process.clock.at = at
        tick = shape.tick()
        users.append(tick and tick[0])
    shape.reset_time()
    process.clock.at, process.wanted = 59, SimpleNamespace(run_time=None, users=None)
    before_the_end = shape.tick() is not None
    process.clock.at = 60
    return [users, process.resets, before_the_end, shape.tick()]

found = {name: course(name) for name in shapes.CLASSES}
"""


@cache
def _courses() -> Any:
    return inside(CODE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("warm-up", [4, 4, 8, 12, 16, 20, None]),
        ("spike", [2, 2, 2, 20, 2, 2, None]),
        ("soak", [1, 20, 20, 20, 20, 20, None]),
        ("before-after", [20, 20, 20, 20, 20, 20, None]),
    ],
)
def test_a_shape_changes_the_users_and_ends_with_the_run_time(
    name: str, expected: list[Any]
) -> None:
    users, resets, before_the_default_end, at_the_default_end = _courses()[name]

    assert users == expected
    # The next run must not begin where the one before ended.
    assert resets == 1
    assert (before_the_default_end, at_the_default_end) == (True, None)

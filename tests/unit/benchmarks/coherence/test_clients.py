import json

import pytest

from benchmarks.coherence.clients import User


@pytest.mark.parametrize(
    ("name", "counter"),
    [(User(3).name(12), 12), (User(4).name(12), -1), ("somebody", -1), ("user 3 called 12", -1)],
)
def test_a_name_carries_its_counter_and_its_owner(name: str, counter: int) -> None:
    assert User(3).counter(json.dumps({"name": name}).encode()) == counter

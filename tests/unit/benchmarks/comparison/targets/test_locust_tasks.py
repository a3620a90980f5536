"""A locustfile as a scenario: its tasks are called in another process, which imports Locust."""

from pathlib import Path

import pytest

from benchmarks.comparison.targets.locust_tasks import is_locustfile
from benchmarks.comparison.targets.scenario_file import load_scenario
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.comparison.targets.test_scenario_file import NOBODY

VISITOR = """
import random
from locust import HttpUser, between, task

class Visitor(HttpUser):
    wait_time = between(1, 3)

    @task(3)
    def look(self):
        self.client.get("/items", params={"page": 1}, headers={"Accept": "*/*"})
        number = random.randint(1, 10**6)
        self.client.get(f"/items/{number}", name="/items/[id]")

    @task
    def buy(self):
        self.client.post("/orders", json={"item": 7})
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "locustfile.py"
    path.write_text(text)
    return path


def test_plain_tasks_are_requests_with_their_weights_and_think_time(tmp_path: Path) -> None:
    work = load_scenario(written(tmp_path, VISITOR), users=2).work([NOBODY, NOBODY])

    asks = work.asks[1]
    assert list(asks) == ["GET /items?page=1", "items/-id", "POST /orders"]
    assert asks["GET /items?page=1"][0].headers == {"Accept": "*/*"}
    assert asks["POST /orders"][0].body == b'{"item": 7}'
    assert len({ask.path for ask in asks["items/-id"]}) == 2
    assert work.scenario.kind == "mix"
    draw = work.scenario.draw
    assert draw.steps[0].weight == 3 * draw.steps[2].weight  # type: ignore[attr-defined]
    least, most = draw.steps[0].wait_s  # type: ignore[attr-defined]
    assert 1 <= least < 1.2
    assert 2.8 < most <= 3
    assert draw.steps[1].wait_s == (0, 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('{"item": 7})', '{"item": 7}).json()', "looks at its answer's json"),
        ("json={", "files={", "gives files to a request"),
        ("    @task(3)", "    def on_start(self): pass\n    @task(3)", "Visitor has an on_start"),
        ("import random", "1 / 0", "ZeroDivisionError"),
        ("HttpUser)", "object)", "no HttpUser with tasks"),
    ],
)
def test_what_is_more_than_plain_requests_is_refused(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    source = load_scenario(written(tmp_path, VISITOR.replace(old, new)))

    with pytest.raises(UsageError, match=complaint):
        source.work([NOBODY])


def test_only_a_file_that_imports_locust_is_one(tmp_path: Path) -> None:
    assert is_locustfile(written(tmp_path, "from locust import task"))
    assert is_locustfile(written(tmp_path, "import locust.contrib"))
    assert not is_locustfile(written(tmp_path, "import locusts"))
    assert not is_locustfile(written(tmp_path, "no Python"))

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


BUYER = """
import beside_locust
from locust import HttpUser, task

print("a word of the file")

class Buyer(HttpUser):
    weight = 2

    @task(3)
    def buy(self):
        how = {"auth": ("me", "pw"), "cookies": {"sid": "1", "lang": "en"}}
        with self.client.get(beside_locust.PATH, catch_response=True, **how):
            pass
        self.client.post("/form", data={"a": "1"})
        self.client.put("/raw", data=b"raw")

class Looker(HttpUser):
    @task
    def look(self):
        self.client.get("/look")
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


def test_whatever_a_plain_request_is_given_is_sent(tmp_path: Path) -> None:
    (tmp_path / "beside_locust.py").write_text("PATH = '/basket'\n")

    work = load_scenario(written(tmp_path, BUYER)).work([NOBODY])

    basket, form, raw, look = (asked for [asked] in work.asks[0].values())
    assert (basket.path, look.path) == ("/basket", "/look")
    assert basket.headers == {"Authorization": "Basic bWU6cHc=", "Cookie": "sid=1; lang=en"}
    assert (form.body, raw.body) == (b"a=1", b"raw")
    assert form.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    steps = work.scenario.draw.steps  # type: ignore[attr-defined]
    assert steps[0].weight == 2 * 3 * steps[3].weight


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('{"item": 7})', '{"item": 7}).json()', "looks at its answer's json"),
        ("json={", "jsn={", "unexpected keyword argument 'jsn'"),
        ("    @task(3)", "    def on_start(self): pass\n    @task(3)", "Visitor has an on_start"),
        ('"/items"', '"http://x/items"', "asks for http://x/items, which is no path"),
        ("client.post(", "client.websocket(", "a task uses client.websocket"),
        (
            "    @task\n",
            "    @task\n    class In(__import__('locust').TaskSet):\n        pass\n\n    @task\n",
            "Visitor has a TaskSet among its tasks",
        ),
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

"""A service of which only the admin route is there, and the page in a Locust that loads nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from locust.argument_parser import get_parser
from locust.env import Environment
from locust.runners import STATE_RUNNING

from benchmarks import locustfile
from benchmarks.load.locust.process import process_of
from benchmarks.load.page.routes import add_page
from benchmarks.load.schedule import Clock
from tests.unit.benchmarks.fake_http import handler_for, listening

CLASSES: Any = {"ReadMostly": locustfile.ReadMostly, "HotKey": locustfile.HotKey}
RUNS_S = 7.5


class AdminService:
    """What was asked, and what is answered next."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, Any]] = []
        self.status = 200
        self.body: Any = {"state": "on", "epoch": 3, "fences": {}}
        self.url = ""

    def answer(
        self, method: str, path: str, token: str, body: Any
    ) -> tuple[int, Any, dict[str, str]]:
        self.asked.append((method, path, token, body))
        return self.status, self.body, {}


class PagedLocust:
    """Locust with its page below a base path, in a run of two variants; nobody sends anything."""

    def __init__(self, cached: str, *more: str) -> None:
        arguments = ["--uncached", "http://127.0.0.1:1", "--cached", cached, *more]
        self.environment = Environment(
            user_classes=[locustfile.ReadMostly],
            available_user_classes=CLASSES,
            parsed_options=get_parser().parse_args(arguments),
        )
        self.runner = self.environment.create_local_runner()
        self.runner.start = lambda *_, **__: None  # type: ignore[method-assign]
        web: Any = self.environment.create_web_ui
        self.ui = web(delayed_start=True, web_base_path="/load", userclass_picker_is_active=True)
        process = process_of(self.environment)
        process.clock = Clock(wall_s=lambda: RUNS_S, steady_s=lambda: 0.0)
        process.clock.begin(0.0)
        add_page(process)
        for second in range(8):
            process.metrics.record(second, "uncached", "bypass", 8000)
            process.metrics.record(second, "cached", "hit", 1000)
        self.runner.state = STATE_RUNNING
        self.client = self.ui.app.test_client()

    def fire(self, event: str) -> None:
        getattr(self.environment.events, event).fire(environment=self.environment)

    def get(self, path: str = "") -> Any:
        return self.client.get(f"/load/fivefold{path}")

    def text(self, path: str = "") -> str:
        return str(self.get(path).get_data(as_text=True))

    def data(self, since: str = "0") -> Any:
        return self.get(f"/data?since={since}").get_json()

    def flip(self, body: object = None) -> Any:
        return self.client.post("/load/fivefold/flag", json=body or {"enabled": False})

    def swarm(self, **more: object) -> Any:
        """Send the form that starts a load of one user."""
        return self.client.post("/load/swarm", data={"user_count": 1, "spawn_rate": 1} | more)

    def picked(self, *names: str) -> tuple[list[str], list[str]]:
        """Return which classes run and which are ticked after a form with these ticked."""
        self.swarm(user_classes=[*names])
        self.client.get("/load/")
        runs = [each.__name__ for each in self.environment.user_classes]
        return runs, self.ui.template_args["available_user_classes"]


@pytest.fixture
def admin() -> Iterator[AdminService]:
    service = AdminService()
    with listening(handler_for(service)) as running:
        service.url = running.url
        yield service


@pytest.fixture(autouse=True)
def _command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no arguments: the web UI reads those of its process."""
    monkeypatch.setattr("sys.argv", ["locust"])


@pytest.fixture
def locust(admin: AdminService) -> PagedLocust:
    names = "load.example, other.example"
    return PagedLocust(admin.url, "--admin-token", "secret", "--web-names", names)

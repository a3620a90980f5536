"""A service of which only the admin route is there, and says what it is told to say."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.benchmarks.fake_http import handler_for, listening


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


@pytest.fixture
def admin() -> Iterator[AdminService]:
    service = AdminService()
    with listening(handler_for(service)) as running:
        service.url = running.url
        yield service

"""The walk that the tutorial takes with curl."""

import json
import os
import re
import subprocess
from pathlib import Path

import httpx2

from tests import needs
from tests.e2e.api_client import Api, somebody_new
from tests.e2e.conftest import RunningApplication
from tests.waiting import until


def test_somebody_registers_keeps_todos_and_logs_out_for_good(
    service: RunningApplication, api: Api
) -> None:
    ann = somebody_new()
    registered = api.register(ann)
    assert registered.status_code == 201
    assert registered.json().keys() == {"id", "name", "email", "created_at"}

    logged_in = api.log_in(ann)
    assert logged_in.status_code == 200
    assert logged_in.json().keys() == {"access_token", "token_type", "expires_in"}
    assert api.get("/auth/me").json() == registered.json()

    # The first read asks the database, the next ones the cache if there is one.
    first, later = api.get("/todo/"), _confirm_or_close(service, api)
    assert (first.json(), later.json()) == ([], [])
    assert _asked_the_database(service, first)

    # A create invalidates: the next read is fresh, later ones come from the cache again.
    created = api.post("/todo/", {"heading": "Test", "task": "Redis test"})
    assert created.status_code == 201
    fresh, later = api.get("/todo/"), _confirm_or_close(service, api)
    assert fresh.json() == later.json() == [created.json()]
    assert _asked_the_database(service, fresh)

    url = f"/todo/{created.json()['id']}"
    updated = api.call("PUT", url, {"completed": True})
    assert updated.json() == {"msg": "Todo updated successfully"}
    assert api.get(url).json()["completed"] is True
    assert api.get("/todo/").json() == [api.get(url).json()]

    deleted = api.call("DELETE", url)
    assert deleted.json() == {"msg": "Todo deleted successfully"}
    assert api.headings() == []

    goodbye = api.post("/auth/logout")
    assert goodbye.json() == {"msg": "Logged out successfully"}
    replay = api.get("/todo/")
    assert (replay.status_code, replay.json()) == (401, {"detail": "Token revoked"})


def test_the_walk_of_the_reference_can_be_pasted_into_a_shell(fresh: RunningApplication) -> None:
    needs.program("curl")
    page = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
    [walk] = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)

    done = subprocess.run(
        [
            "bash",
            "-euo",
            "pipefail",
            "-c",
            walk.replace("user@example.com", somebody_new()["email"]),
        ],
        env={**os.environ, "B": fresh.url},
        capture_output=True,
        text=True,
        check=True,
    )

    statuses = re.findall(r"(?im)cache-status: (.*?)\r?$", done.stdout)
    told = re.findall(r"\{[^{}]*\}", done.stdout)[-2:]
    assert len(statuses) == 3
    # On a busy machine the second read may come before the cache is on.
    assert [each.startswith("todos; hit") for each in statuses] in (
        [False, True, False],
        [False, False, False],
    )
    assert [json.loads(each) for each in told] == [
        {"msg": "Logged out successfully"},
        {"detail": "Token revoked"},
    ]


def _confirm_or_close(service: RunningApplication, api: Api) -> httpx2.Response:
    """Return the list as the cache answers it; without a cache, as the database does."""
    if not service.cached:
        return api.get("/todo/")
    until(lambda: _todos_of(api.get("/todo/")) == "hit", "answer from its cache")
    return api.get("/todo/")


def _asked_the_database(service: RunningApplication, answer: httpx2.Response) -> bool:
    """Tell whether it was no hit; on a busy machine the cache may not even have been asked."""
    return _todos_of(answer).startswith("fwd=" if service.cached else "fwd=bypass")


def _todos_of(answer: httpx2.Response) -> str:
    """Return how the todo list was answered: the first member of ``Cache-Status``."""
    return answer.headers["cache-status"].partition(", ")[0].removeprefix("todos; ")

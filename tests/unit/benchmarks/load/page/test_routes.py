"""Locust is imported in a process of its own, because importing it changes the sockets."""

import json
import subprocess
import sys
from typing import Any

import pytest

_SCRIPT = """
import json
from locust import User
from locust.env import Environment
from locust.argument_parser import get_parser
from benchmarks.load.locust.options import add_options
from benchmarks.load.locust.process import process_of
from benchmarks.load.locust.recorder import shown
from benchmarks.load.page.routes import add_page

parser = get_parser()
add_options(parser)
options = parser.parse_args(
    ["--uncached", "http://127.0.0.1:1", "--cached", "http://127.0.0.1:2"])
environment = Environment(user_classes=[User], parsed_options=options)
environment.create_local_runner()
ui = environment.create_web_ui(delayed_start=True, web_base_path="/load")
process = process_of(environment)
add_page(environment, targets=process.targets, admin_token=None)
client = ui.app.test_client()
book = shown(environment)
for second in range(3):
    book.record(second, "cached", "hit", 1000)

def data():
    return client.get("/load/fivefold/data").get_json()

seen = {
    "page": client.get("/load/fivefold").status_code,
    "page at the root": client.get("/fivefold").status_code,
    "data": data(),
    "flag": client.get("/load/fivefold/flag").get_json(),
    "start": client.get("/load/").get_data(as_text=True),
    "requests": client.get("/load/stats/requests").get_json(),
}
environment.events.reset_stats.fire()
seen["after a reset"] = data()
environment.events.test_start.fire(environment=environment)
seen["after a start"] = data()
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen() -> Any:
    run = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_everything_is_below_the_base_path(seen: Any) -> None:
    assert (seen["page"], seen["page at the root"]) == (200, 404)


def test_the_data_are_those_of_the_process(seen: Any) -> None:
    assert seen["data"]["variants"] == ["uncached", "cached"]
    assert [row["second"] for row in seen["data"]["seconds"]] == [0, 1, 2]
    assert (seen["data"]["state"], seen["data"]["workers"]) == ("ready", None)


def test_without_a_token_the_switch_says_what_to_set(seen: Any) -> None:
    assert not seen["flag"]["usable"]
    assert "FIVEFOLD_ADMIN_TOKEN" in seen["flag"]["message"]


def test_locusts_own_pages_have_the_tab_and_the_link(seen: Any) -> None:
    assert 'href="./fivefold"' in seen["start"]
    assert '"extended_tabs": [{"key": "fivefold", "title": "fivefold"}]' in seen["start"]
    assert seen["requests"]["extended_stats"][0]["data"][0]["name"] == "cached: hit"


def test_a_reset_and_a_start_make_the_page_begin_anew(seen: Any) -> None:
    generations = [seen[what]["generation"] for what in ("data", "after a reset", "after a start")]

    assert generations == [0, 1, 2]
    assert seen["after a reset"]["flips"] == []

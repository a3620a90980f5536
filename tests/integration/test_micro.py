"""The micro-benchmarks as a developer runs them: pytest with options, then the table."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

import pytest
from pymongo import MongoClient
from rich.console import Console

from benchmarks.micro.report import micro_report
from benchmarks.stack.embedded import Stack

ROOT = Path(__file__).parents[2]
# One folder of tests stands for all of them, which take long to collect.
SOME_TESTS = "tests/unit/benchmarks/report"
SUITES = "benchmarks/micro"
PATIENCE_S = 280
# Another pytest is started, which imports everything: a minute and a half on a busy machine.
pytestmark = pytest.mark.timeout(300)


# Plugins that take seconds to load and have no part in this.
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:schemathesis")
SEVERAL_RUNS = """
import contextlib, io, json, sys, pytest
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(arguments)
    print(json.dumps([int(code), said.getvalue()]))
"""
COLLECTED: Mapping[tuple[str, ...], tuple[bool, bool]] = {
    (): (True, False),
    ("--benchmark-only",): (False, True),
    ("--benchmark-disable",): (True, True),
    ("--benchmark-disable", SUITES): (False, True),
    (SUITES,): (False, True),
}
"""The options of a run, and whether it collects the tests and the suites."""


def run_python(*arguments: str, environ: Mapping[str, str] | None = None) -> str:
    """Run Python from the root and return what it said; raises ``AssertionError`` if it fails."""
    # Under pytest-xdist its variables would make the inner pytest a worker too.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=outside | dict(environ or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def without_path(*options: str) -> Sequence[str]:
    """Return the arguments of a pytest with these options, that is given no path of ours."""
    return ("-o", f"testpaths={SOME_TESTS} {SUITES}", *WITHOUT, *options)


def test_the_suites_are_collected_when_a_run_is_about_them() -> None:
    # One process after another would import everything for each of them.
    runs = [without_path("--collect-only", "--quiet", *options) for options in COLLECTED]
    outcomes = map(json.loads, run_python("-c", SEVERAL_RUNS, json.dumps(runs)).splitlines())

    found = {}
    for options, (code, said) in zip(COLLECTED, outcomes, strict=True):
        assert code == 0, said
        lines = said.splitlines()
        found[options] = (
            any(line.startswith(SOME_TESTS) for line in lines),
            any(line.startswith(SUITES) for line in lines),
        )

    assert found == COLLECTED


@pytest.mark.servers
def test_a_run_measures_what_it_says_and_leaves_nothing_behind(
    servers: Stack, tmp_path: Path
) -> None:
    assert servers.redis
    urls = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": servers.redis.url}
    saved = tmp_path / "run.json"
    selected = ("-k", "(read and 20-0.0) or find_user or denylist or admitted-memory")

    options = ("--benchmark-only", f"--benchmark-json={saved}", *selected)
    run_python("-m", "pytest", *without_path(*options), environ=urls)

    output = StringIO()
    run = json.loads(saved.read_text())
    info = {each["name"]: each["extra_info"] for each in run["benchmarks"]}
    reads = [each for name, each in info.items() if name.startswith("test_read[")]
    assert [(each["variant"], each["outcome"]) for each in reads] == [
        ("uncached", "off"),
        ("cached", "hit"),
        ("cached", "miss"),
        ("naive", "hit"),
        ("naive", "miss"),
    ]
    assert len({each["payload_bytes"] for each in reads}) == 1
    assert {each["mongo"] for each in reads} == {
        f"{servers.mongo.product} {servers.mongo.version} (external)"
    }
    assert len(info) == 9
    assert "node" not in run["machine_info"]
    assert micro_report(saved, Console(file=output, width=120)) == 0
    assert output.getvalue().count("reference") >= 2
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client:
        assert [name for name in client.list_database_names() if name.startswith("micro_")] == []

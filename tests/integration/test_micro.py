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

from benchmarks.micro.conftest import SUITES
from benchmarks.micro.report import micro_report
from benchmarks.stack.embedded import Stack

ROOT = Path(__file__).parents[2]
# One file of tests stands for all of them, which take long to collect.
SOME_TESTS = "tests/unit/benchmarks/micro/test_collection.py"
PATIENCE_S = 280
# Another pytest is started, which imports everything: a minute and a half on a busy machine.
pytestmark = pytest.mark.timeout(300)
TWO_RUNS = """
import contextlib, io, json, sys, pytest
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(arguments)
    print(json.dumps([int(code), said.getvalue()]))
"""


def run_pytest(*runs: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Run pytest from the root without paths of ours, and return what each run said."""
    # Plugins that take seconds to load have no part in this.
    usual = ["-p", "no:cacheprovider", "-p", "no:schemathesis"]
    paths = ["-o", f"testpaths={SOME_TESTS} {SUITES}"]
    # Under pytest-xdist its variables would make the inner pytest a worker too.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        # One process after another would import everything for each of them.
        [sys.executable, "-c", TWO_RUNS, json.dumps([[*usual, *paths, *run] for run in runs])],
        cwd=ROOT,
        env=outside | dict(environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert [code for code, _ in outcomes] == [0] * len(runs), done.stdout + done.stderr
    return [said for _, said in outcomes]


@pytest.mark.servers
def test_a_run_about_the_suites_measures_what_it_says_and_leaves_nothing_behind(
    servers: Stack, tmp_path: Path
) -> None:
    assert servers.redis
    saved = tmp_path / "run.json"
    selected = "(read and 20-) or read_alone or limiter or collected"
    tests, suites = run_pytest(
        ["--collect-only", "-q"],
        ["--benchmark-only", f"--benchmark-json={saved}", "-v", "-k", selected],
        environ={"MONGODB_URL": servers.mongo.url, "REDIS_URL": servers.redis.url},
    )

    assert [f"\n{path}" in f"\n{tests}" for path in (SOME_TESTS, SUITES)] == [True, False]
    assert [f"\n{path}" in f"\n{suites}" for path in (SOME_TESTS, SUITES)] == [False, True]
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
    assert {each["mongo"] for each in reads} == {
        f"{servers.mongo.product} {servers.mongo.version} (external)"
    }
    assert len(info) == 13
    summed = {each["summary"] for each in info.values() if each.get("summary")}
    assert summed == {"hit", "miss", "user", "list", "limiter"}
    assert "node" not in run["machine_info"]
    micro_report(saved, Console(file=output, width=120))
    assert output.getvalue().count("reference") >= 2
    with MongoClient[dict[str, object]](servers.mongo.url) as client:
        assert [name for name in client.list_database_names() if name.startswith("micro_")] == []

"""The micro-benchmarks as a developer runs them: pytest with options, then the table."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from pymongo import MongoClient
from rich.console import Console

from benchmarks.micro.report import micro_report
from benchmarks.stack.embedded import Stack

ROOT = Path(__file__).parents[2]
PATIENCE_S = 280
# Another pytest is started, which imports everything: a minute and a half on a busy machine.
pytestmark = pytest.mark.timeout(300)


@pytest.mark.servers
def test_a_run_about_the_suites_measures_what_it_says_and_leaves_nothing_behind(
    servers: Stack, tmp_path: Path
) -> None:
    assert servers.redis
    saved = tmp_path / "run.json"
    # Plugins that take seconds to load have no part in this.
    asked = ["-p", "no:cacheprovider", "-p", "no:schemathesis", "--benchmark-only"]
    asked += [f"--benchmark-json={saved}", "-k", "(read and 20-) or read_alone or limiter"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *asked],
        cwd=ROOT,
        # Under pytest-xdist its variables would make the inner pytest a worker too.
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        | {"MONGODB_URL": servers.mongo.url, "REDIS_URL": servers.redis.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    output = StringIO()
    run = json.loads(saved.read_text())
    info = {each["name"]: each["extra_info"] for each in run["benchmarks"]}
    reads = [each for name, each in info.items() if name.startswith("test_read[")]
    assert [(each["variant"], each["outcome"]) for each in reads] == [
        ("uncached", "bypass"),
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

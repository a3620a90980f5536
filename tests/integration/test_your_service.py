"""The examples of docs/your-service.md, with the servers and the commands that it names."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measure.client import ClientError, Connection
from tests import needs
from tests.waiting import until

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/your-service.md").read_text()
PORTS = ("8000", "8001", "8080", "8081")
BRIEFLY = ("--seconds", "4")
FINE, NOT_HELD, UNDECIDED = 0, 1, 3
# A busy machine takes its time; nothing here depends on it.
pytestmark = pytest.mark.timeout(600)


def commands(heading: str) -> list[str]:
    """Return the commands below a heading that start something or compare."""
    text = DOCUMENT.partition(f"### {heading}")[2].partition("\n##")[0]
    lines = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
    return [line for line in lines if not line.startswith("pip ")]


def test_nginx_with_and_without_proxy_cache_gets_a_verdict(free: Mapping[str, str]) -> None:
    nginx = needs.program("nginx")
    shop, proxy, compare = commands("nginx, with")

    with tempfile.TemporaryDirectory() as folder, ExitStack() as cleanup:
        place = Path(folder)
        # Started by root, nginx stores answers as another user.
        place.chmod(0o755)
        conf = place / "nginx.conf"
        conf.write_text(moved((ROOT / "docs/examples/nginx.conf").read_text(), free))
        cleanup.enter_context(started(moved(shop, free), free["8000"]))
        assert "nginx -p /tmp/fivefold-nginx -c $PWD/docs/examples/nginx.conf" in proxy
        command = f"{nginx} -p {place} -c {conf}"
        cleanup.enter_context(started(command, free["8080"]))
        code, results = compared(moved(compare, free), place)

    assert code in {FINE, NOT_HELD, UNDECIDED}
    assert_believed(results, ["plain", "cached"])
    [claim] = results["verdicts"]
    assert code == {"reproduced": 0, "not reproduced": 1, "inconclusive": 3}[claim["verdict"]]
    rows = {(row["variant"], row["action"]): row for row in results["summaries"][0]["endpoints"]}
    cached = rows["cached", "GET /items"]
    # An entry lives for two seconds, in which a busy machine asks a few times.
    assert cached["hit_ratio"] > 0.5
    assert cached["hit_p50_ms"] > 0
    assert rows["plain", "GET /items"]["hit_ratio"] is None


def test_a_fastapi_app_before_and_after_cashews_gets_a_verdict(
    free: Mapping[str, str], tmp_path: Path
) -> None:
    before, after, compare = commands("A FastAPI app")

    with ExitStack() as cleanup:
        cleanup.enter_context(started(moved(before, free), free["8000"]))
        cleanup.enter_context(started(moved(after, free), free["8001"]))
        code, results = compared(moved(compare, free), tmp_path)

    assert code == FINE
    assert_believed(results, ["before", "after"])
    ratios = {
        row["action"]: row["ratio"]
        for row in results["summaries"][0]["endpoints"]
        if row["variant"] == "after"
    }
    # A scan and a sort of 20 000 rows against a look into memory: no machine is in doubt.
    assert ratios["GET /items"]["centre"] > 1
    assert "GET /items/7" in ratios


def assert_believed(results: Any, services: list[str]) -> None:
    assert results["state"] == "complete"
    assert results["options"]["variants"] == services
    answers = {each["name"]: each["result"] for each in results["checks"]}
    assert (answers["bodies"], answers["errors"]) == ("passed", "passed")
    assert results["summaries"][0]["ratios"][0]["shown"]


@pytest.fixture
def free() -> Mapping[str, str]:
    """Return a free port for each of the document's."""
    with ExitStack() as cleanup:
        held = [cleanup.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        found = [str(each.getsockname()[1]) for each in held]
    return dict(zip(PORTS, found, strict=True))


def moved(text: str, free: Mapping[str, str]) -> str:
    return re.sub(r"\b80[08][01]\b", lambda found: free[found[0]], text)


@contextmanager
def started(command: str, port: str) -> Iterator[None]:
    """Run a command of the document until the end, once it answers."""
    words = shlex.split(command.removesuffix("&"))
    given = dict(word.split("=", 1) for word in words if re.match(r"[A-Z]+=", word))
    words = [word for word in words if not re.match(r"[A-Z]+=", word)]
    if words[0] == "uvicorn":
        words = [sys.executable, "-m", *words, "--log-level", "warning"]
    with subprocess.Popen(words, cwd=ROOT, env=os.environ | given) as process:
        try:
            until(lambda: answers(port), command, not_yet=(ClientError,))
            yield
        finally:
            process.terminate()


def answers(port: str) -> bool:
    with Connection(f"http://127.0.0.1:{port}") as connection:
        return connection.send(connection.prepare("GET", "/items")).status == 200


def compared(command: str, out: Path) -> tuple[int, Any]:
    """Run the document's comparison for a short time; return its exit code and results."""
    words = shlex.split(command)
    assert words[0] == "fivefold"
    main = "from benchmarks.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", main, *words[1:], *BRIEFLY, "--out", str(out / "reports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    file = out / "reports" / "latest" / "results.json"
    assert file.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(file.read_text())

"""``docker compose up`` on a real engine, from the build to the last container's exit code.

The tests are steps of one story and stand in its order.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.compose.config import ROOT, SCALE, defined
from tests.compose.engine import (
    Compose,
    base_images,
    build,
    has_image,
    missing,
    output,
    project,
    wait,
    wait_for_page,
)
from tests.e2e.api_client import Api

pytestmark = pytest.mark.timeout(3600)

PROXY_IMAGE = defined(SCALE)["services"]["service-cached"]["image"]
RUNNING = {"mongo", "redis", "service-cached", "service-uncached", "locust-master", "locust-worker"}
CLEAN = {0, 143}
_OWN_METRICS = (
    "python3",
    "-c",
    "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/metrics').read().decode())",
)


@pytest.fixture(scope="module", name="compose")
def _compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    if reason := missing():
        pytest.skip(reason)
    # On a busy machine Redis misses the usual deadline, and each process then counts for itself.
    extra = {"REDIS_DEADLINE_SECONDS": "5"}
    with project(tmp_path_factory.mktemp("compose"), extra) as made:
        made.done("up", "--build", "--detach")
        yield made
    assert made.left_over() == []


def test_up_ends_with_three_pages_no_restarts_and_the_addresses_last(compose: Compose) -> None:
    for url in (
        compose.url("CACHED") + "/docs",
        compose.url("UNCACHED") + "/docs",
        compose.url("LOCUST"),
        compose.url("LOCUST") + "/fivefold",
    ):
        wait_for_page(url)

    def ended() -> dict[str, int]:
        states = {name: each["State"] for name, each in compose.containers().items()}
        return {name: each["ExitCode"] for name, each in states.items() if not each["Running"]}

    once = dict.fromkeys(("secrets-1", "setup-1", "addresses-1"), 0)
    wait(lambda: ended() == once, "have done what is done once")
    assert f"{compose.url('LOCUST')}/fivefold" in compose.done("logs", "addresses")
    containers = compose.containers()
    assert {name.rpartition("-")[0] for name in containers.keys() - once.keys()} == RUNNING
    assert {each["RestartCount"] for each in containers.values()} == {0}
    assert not any(each["State"]["OOMKilled"] for each in containers.values())


def test_every_container_with_a_check_becomes_healthy(compose: Compose) -> None:
    def unwell() -> list[str]:
        states = {name: each["State"] for name, each in compose.containers().items()}
        return [
            name
            for name, state in states.items()
            if state["Running"] and state.get("Health", {}).get("Status", "healthy") != "healthy"
        ]

    wait(lambda: not unwell(), "become healthy")


def test_what_runs_is_not_root_and_shows_no_secret(compose: Compose) -> None:
    containers = compose.containers()
    ours = {name: each for name, each in containers.items() if each["State"]["Running"]}
    own = {name: each for name, each in ours.items() if "fivefold" in each["Config"]["Image"]}

    assert len(own) == 4
    assert {each["Config"]["User"] for each in own.values()} == {"fivefold"}
    kept = compose.done("exec", "-T", "service-cached", "cat", "/run/fivefold/JWT_SECRET")
    assert len(kept) >= 48
    assert kept not in json.dumps(list(containers.values()))
    assert kept not in compose.done("logs", "--no-color")


def test_who_has_no_password_is_told_nothing_by_redis(compose: Compose) -> None:
    asked = compose.run("exec", "-T", "redis", "redis-cli", "dbsize")

    assert "NOAUTH" in asked.stdout


def test_the_walk_of_the_tutorial_succeeds_on_both_from_outside(compose: Compose) -> None:
    suite = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:schemathesis"]
    urls = ["--service-url", compose.url("UNCACHED"), "--service-url", compose.url("CACHED")]
    ended = subprocess.run(
        [*suite, "tests/e2e/test_walk.py", *urls],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"^\d+ passed in ", ended.stdout, re.MULTILINE), ended.stdout


def test_locust_loads_both_by_its_own_interface_and_sees_hits(compose: Compose) -> None:
    locust = compose.url("LOCUST")
    with httpx2.Client(base_url=locust, timeout=20.0, verify=False) as page:
        wait(lambda: _statistics(page)["workers"] != [], "get a worker")
        started = page.post("/swarm", data={"user_count": 8, "spawn_rate": 8})
        assert started.json()["success"], started.text
        wait(lambda: _hits(page) > 50, "see hits")
        seen, live = _statistics(page), page.get("/fivefold/data").json()
        flag = page.get("/fivefold/flag").json()
        page.post("/stop")
        wait(lambda: _statistics(page)["state"] == "stopped", "stop")

    assert seen["total_rps"] > 0
    assert {each["error"] for each in seen["errors"]} == set()
    assert {"cached", "uncached"} <= set(live["variants"])
    # The admin token reached it, and it reaches the service.
    assert flag["enabled"] is True


def test_four_workers_can_be_asked_for(compose: Compose) -> None:
    compose.done("up", "--detach", "--scale", "locust-worker=4")
    with httpx2.Client(base_url=compose.url("LOCUST"), timeout=20.0, verify=False) as page:
        wait(lambda: len(_statistics(page)["workers"]) == 4, "get four workers")


def test_a_comparison_leaves_its_report_to_the_owner_of_the_folder(compose: Compose) -> None:
    owner = 4321
    output("chown", f"{owner}:{owner}", str(compose.reports))
    ended = compose.run(
        *("run", "--rm", "-T", "compare", "--scenario", "session", "--blocks", "2"),
    )
    folders = [path for path in compose.reports.iterdir() if not path.is_symlink()]

    # So short a run on a busy machine may decide nothing, which is no failure here.
    assert ended.returncode in {0, 3}, ended.stdout + ended.stderr
    assert len(folders) == 1
    assert (folders[0] / "report.md").exists()
    assert (compose.reports / "latest").resolve() == folders[0]
    written = [*folders[0].rglob("*"), *folders]
    assert {(path.stat().st_uid, path.stat().st_gid) for path in written} == {(owner, owner)}
    regimes = json.loads((folders[0] / "results.json").read_text())["regimes"]
    assert [regime for regime in regimes if regime.get("skipped")] == []


def test_jupyter_opens_with_the_token_that_its_log_shows(compose: Compose) -> None:
    compose.done("--profile=notebooks", "up", "--build", "--detach", "notebooks")
    contents = compose.url("JUPYTER") + "/api/contents/notebooks"
    wait_for_page(compose.url("JUPYTER") + "/api")
    shown = compose.done("--profile=notebooks", "logs", "--no-color", "notebooks")
    token = shown.partition("token=")[2].split()[0]

    assert httpx2.get(contents, verify=False).status_code == 403
    listed = httpx2.get(f"{contents}?token={token}", verify=False).json()["content"]
    assert "01-the-claim.ipynb" in {each["name"] for each in listed}


def test_replicas_share_the_address_and_one_can_go_unseen(compose: Compose) -> None:
    if not has_image(PROXY_IMAGE):
        # The same version from Debian's package, for an engine that reaches no registry.
        update = "RUN apt-get update -qq && apt-get install -qqy haproxy >/dev/null"
        build(PROXY_IMAGE, [f"FROM {base_images()[0]}", update, "USER haproxy"])
    compose.done("up", "--detach", "--scale", "service-replica=3", also=[SCALE])
    wait_for_page(compose.url("CACHED") + "/readyz")
    wait(lambda: len(_replicas_asked(compose)) == 3, "spread over the replicas")
    with Api(compose.url("CACHED")) as api, ThreadPoolExecutor() as pool:
        # Somebody else than who registered before: the limits are the deployment's.
        api.http.headers["x-forwarded-for"] = "203.0.113.6"
        api.sign_up()
        todo = api.post("/todo/", {"heading": "0", "task": ""}).json()["id"]
        going = next(name for name in compose.containers() if name.startswith("service-replica"))
        stopping = pool.submit(output, "docker", "stop", compose.container(going))
        written: list[str] = []

        def went_unseen() -> bool:
            written.append(str(len(written) + 1))
            answer = api.call("PUT", f"/todo/{todo}", {"heading": written[-1]})
            assert answer.status_code == 200, answer.text
            # Whichever replica answers, it knows what another one has just written.
            assert api.headings() == written[-1:]
            return len(written) > 20 and stopping.done() and _replicas_asked_for(compose) == 2

        wait(went_unseen, "forget the replica that went")

    assert compose.containers()[going]["State"]["ExitCode"] in CLEAN


def test_a_client_keeps_its_own_address_behind_the_proxy(compose: Compose) -> None:
    with Api(compose.url("CACHED")) as api:

        def guess(address: str) -> int:
            attempt = {"email": f"{address}@example.org", "password": "a guess at it"}
            return api.post("/auth/login", attempt, x_forwarded_for=address).status_code

        answers = {
            address: [guess(address) for _ in range(6)]
            for address in ("203.0.113.7", "203.0.113.8")
        }

    assert answers == dict.fromkeys(answers, [401] * 5 + [429])


def test_everything_ends_in_order_when_it_is_stopped(compose: Compose) -> None:
    compose.done("stop", also=[SCALE])

    codes = {name: each["State"]["ExitCode"] for name, each in compose.containers().items()}
    assert {name: code for name, code in codes.items() if code not in CLEAN} == {}


def _statistics(page: httpx2.Client) -> Any:
    return page.get("/stats/requests").json()


def _hits(page: httpx2.Client) -> int:
    rows = page.get("/fivefold/data").json()["totals"]
    named = ("cached", "hit")
    return sum(row["requests"] for row in rows if (row["variant"], row["outcome"]) == named)


def _replicas_asked_for(compose: Compose) -> int:
    """Return how many replicas the proxy sends requests to."""
    metrics = httpx2.get(compose.url("CACHED") + "/metrics", verify=False).text
    up = re.compile(r'^haproxy_server_status{.*state="UP".*} 1$', re.MULTILINE)
    return len(up.findall(metrics))


def _replicas_asked(compose: Compose) -> set[str]:
    """Return the replicas that have answered a request of ours."""
    httpx2.get(compose.url("CACHED") + "/nowhere", verify=False)
    asked = set()
    for replica in compose.containers():
        if replica.startswith("service-replica"):
            said = output("docker", "exec", compose.container(replica), *_OWN_METRICS)
            if 'status="404"' in said:
                asked.add(replica)
    return asked

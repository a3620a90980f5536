"""The override that puts a Redis Cluster in place of the one Redis, on a real engine."""

from collections.abc import Iterator

import pytest

from tests.compose.config import CLUSTER
from tests.compose.engine import Compose, missing, output, project, wait, wait_for_page
from tests.e2e.api_client import Api

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module", name="compose")
def _compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    if reason := missing():
        pytest.skip(reason)
    with project(tmp_path_factory.mktemp("compose")) as made:
        made.done("up", "--build", "--detach", "service-cached", also=[CLUSTER])
        wait_for_page(made.url("CACHED") + "/readyz")
        yield made
    assert made.left_over() == []


def test_a_primary_that_dies_makes_no_answer_stale_and_hits_come_back(compose: Compose) -> None:
    with Api(compose.url("CACHED")) as api:
        api.sign_up()
        todo = api.post("/todo/", {"heading": "0", "task": ""}).json()["id"]
        wait(lambda: "todos; hit" in api.get("/todo/").headers["cache-status"], "hit")
        output("docker", "kill", compose.container("redis-2-1"))
        seen: list[str] = []

        def hits_came_back() -> bool:
            heading = str(len(seen))
            changed = api.call("PUT", f"/todo/{todo}", {"heading": heading})
            reads = [api.get("/todo/") for _ in range(3)]
            assert changed.status_code == 200, changed.text
            assert {read.json()[0]["heading"] for read in reads} == {heading}
            seen.extend(read.headers["cache-status"] for read in reads)
            was_lost = any("fenced" in status for status in seen)
            return was_lost and "todos; hit" in seen[-1]

        wait(hits_came_back, "hit again")


def test_a_cluster_that_was_stopped_is_one_again_at_other_addresses(compose: Compose) -> None:
    compose.done("stop", also=[CLUSTER])
    compose.done("up", "--detach", "service-cached", also=[CLUSTER])
    wait_for_page(compose.url("CACHED") + "/readyz")
    ask = "REDISCLI_AUTH=$(cat /run/fivefold/REDIS_PASSWORD) redis-cli cluster info"
    about = output("docker", "exec", compose.container("redis-1"), "sh", "-c", ask)

    assert "cluster_state:ok" in about
    assert "cluster_size:3" in about

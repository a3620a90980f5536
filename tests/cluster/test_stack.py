"""What the commands of the harness do with the URL of a cluster, or of Sentinels."""

import pytest

from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.storage.usage import UsageError
from tests.redis_cluster import OwnCluster

pytestmark = pytest.mark.servers


def test_whoever_hands_the_url_on_takes_a_cluster(servers: Stack, calm_cluster: OwnCluster) -> None:
    environ = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": calm_cluster.url}
    with open_stack(environ=environ, several=True) as stack:
        assert stack.redis is not None
        assert (stack.redis.kind, stack.redis.url) == ("external", calm_cluster.url)
        assert stack.redis.product in {"Redis", "Valkey"}


@pytest.mark.parametrize(
    ("url", "several", "said"),
    [
        (
            "redis+cluster://:hunter2@127.0.0.1:1",
            False,
            ["one server is needed", "a Redis Cluster"],
        ),
        (
            "redis+sentinel://:hunter2@127.0.0.1:1/main",
            False,
            ["one server is needed", "Redis Sentinel watches"],
        ),
        (
            "redis+cluster://:hunter2@127.0.0.1:1,127.0.0.1:2",
            True,
            ["gave no usable answer within 2 s"],
        ),
        ("redis+sentinel://:hunter2@h", True, ["is not a valid URL"]),
        ("redis://:hunter2@127.0.0.1:1/?foo=bar", True, ["is not a valid URL"]),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_the_reason_and_without_its_password(
    servers: Stack, url: str, *, several: bool, said: list[str]
) -> None:
    environ = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": url}
    with pytest.raises(UsageError) as refused:
        open_stack(environ=environ, several=several).__enter__()

    assert [words for words in said if words not in str(refused.value)] == []
    assert "hunter2" not in str(refused.value)

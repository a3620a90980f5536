"""What ``REDIS_URL`` may name."""

import pytest

from service.redis_url import Topology, read_redis_url


@pytest.mark.parametrize("url", ["redis://h", "rediss://:pw@h:1/2", "unix:///run/redis.sock?db=1"])
def test_one_server_stays_as_it_is(url: str) -> None:
    read = read_redis_url(url)

    assert (read.kind, read.startup_nodes) == (Topology.ONE, (url,))


@pytest.mark.parametrize(
    ("url", "startup_nodes"),
    [
        ("redis+cluster://h", ["redis://h:6379"]),
        ("redis+cluster://h:1,i:2/", ["redis://h:1", "redis://i:2"]),
        ("redis+cluster://h:1/0", ["redis://h:1"]),
        ("redis+cluster://u:p%40@h:1,i", ["redis://u:p%40@h:1", "redis://u:p%40@i:6379"]),
        (
            "rediss+cluster://h:1?ssl_cert_reqs=none",
            ["rediss://h:1?ssl_cert_reqs=none"],
        ),
        ("redis+cluster://[::1]:7,h", ["redis://[::1]:7", "redis://h:6379"]),
    ],
)
def test_a_cluster_is_some_of_its_nodes(url: str, startup_nodes: list[str]) -> None:
    read = read_redis_url(url)

    assert (read.kind, list(read.startup_nodes)) == (Topology.CLUSTER, startup_nodes)


@pytest.mark.parametrize(
    ("url", "service", "startup_nodes"),
    [
        ("redis+sentinel://s1,s2:5/main", "main", ["redis://s1:26379", "redis://s2:5"]),
        ("redis+sentinel://u:p@s1/main/2", "main", ["redis://s1:26379"]),
        ("redis+sentinel://s1/my%20own", "my own", ["redis://s1:26379"]),
        (
            "redis+sentinel://s1/main?sentinel_password=a%2Fb&sentinel_username=u",
            "main",
            ["redis://u:a%2Fb@s1:26379"],
        ),
        ("rediss+sentinel://s1/main?sentinel_password=x", "main", ["rediss://:x@s1:26379"]),
    ],
)
def test_sentinels_know_a_service(url: str, service: str, startup_nodes: list[str]) -> None:
    read = read_redis_url(url)

    assert (read.kind, read.service, list(read.startup_nodes)) == (
        Topology.SENTINEL,
        service,
        startup_nodes,
    )


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("redis+cluster://u:p%40@h:1?socket_timeout=1", "redis://u:p%40@n:7?socket_timeout=1"),
        ("rediss+cluster://h", "rediss://n:7"),
        ("redis+sentinel://u:p@s/main/2?sentinel_password=x", "redis://u:p@n:7/2"),
    ],
)
def test_a_server_that_was_named_gets_login_database_and_options_of_the_url(
    url: str, there: str
) -> None:
    assert read_redis_url(url).of("n", 7) == there
    assert read_redis_url("redis+cluster://h").of("::1", 7) == "redis://[::1]:7"


@pytest.mark.parametrize(
    "url",
    [
        "http://h",
        "redis+other://h",
        "unix+cluster://h",
        "unix://",
        "redis://h/first",
        "redis://h:65536",
        "redis://h/0#fragment",
        "redis+cluster://",
        "redis+cluster://h:1,,i:2",
        "redis+cluster://h:99999",
        "redis+cluster://:hunt#er2@h:1",
        "redis+cluster://h:1/1",
        "redis+cluster://h:1?db=1",
        "redis+cluster://h:1?sentinel_password=hunter2",
        "redis+sentinel://h:1",
        "redis+sentinel://h:1/main/two",
        "redis+sentinel://h:1/main?db=2",
    ],
)
def test_what_names_nothing_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_redis_url(url)

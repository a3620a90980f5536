import pytest

from service.adapters.redis.client import require_usable
from service.config import ConfigurationError

NOBODY = "redis://127.0.0.1:1/0"
SET_HERE = "timeout=20&max_connections=0&socket_timeout=0&encoding=utf-16&decode_responses=true"


@pytest.mark.parametrize(
    "url",
    [
        NOBODY,
        "unix:///no/such/socket",
        f"{NOBODY}?{SET_HERE}",
        "redis+cluster://127.0.0.1:1,127.0.0.1:2",
        "redis+sentinel://127.0.0.1:1/main",
    ],
)
def test_servers_that_cannot_be_reached_stop_no_start(url: str) -> None:
    require_usable(url)


@pytest.mark.parametrize(
    "url",
    [
        f"{NOBODY}?foo=hunter2",
        f"{NOBODY}?event_dispatcher=hunter2",
        "rediss://127.0.0.1:1/0?ssl_cert_reqs=hunter2",
        "rediss://127.0.0.1:1/0?ssl_ca_certs=/no/such/hunter2",
        "redis://:hunter2@a..b:1/0",
        "redis+cluster://:hunter2@a..b:1",
        "redis+sentinel://127.0.0.1:1/main?foo=hunter2",
    ],
)
def test_a_url_on_which_the_client_breaks_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        require_usable(url)

    assert str(refused.value).startswith("REDIS_URL: takes a URL such as redis://host:6379/0, with")
    assert "hunter2" not in str(refused.value)

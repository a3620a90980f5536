import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis import database_number
from service.adapters.redis.database_number import require_database
from service.config import ConfigurationError

NOBODY = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize(
    "url",
    [NOBODY, "unix:///no/such/socket", f"{NOBODY}?timeout=20&max_connections=0&socket_timeout=0"],
)
def test_a_server_that_cannot_be_reached_stops_no_start(url: str) -> None:
    require_database(url)


@pytest.mark.parametrize("error", [TypeError("hunter2"), RedisConnectionError("hunter2")])
def test_a_url_on_which_the_client_breaks_is_refused_in_one_sentence(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object, **__: object) -> Redis:
        # As redis-py wraps what it did not foresee.
        raise error from ValueError()

    monkeypatch.setattr(database_number, "connect", connect)
    with pytest.raises(ConfigurationError) as refused:
        require_database(NOBODY)

    assert str(refused.value).startswith("REDIS_URL: has an address or an option with which")
    assert "hunter2" not in str(refused.value)

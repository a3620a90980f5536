"""Which server, and which memory of it, a connection is bound to."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis import shared
from service.adapters.redis.shared import KEPT, RunBoundConnections, incarnation, parse_info
from service.coherence.recovery import NotPrimary

PRIMARY = {"run_id": "abc", "role": "master", "master_replid": "r1"}


def test_the_fields_of_an_answer_are_found_in_bytes_and_in_text() -> None:
    answer = "# Server\r\nredis_version:8.2.3\r\nrun_id:abc\r\n\r\n# Replication\r\nrole:master\r\n"

    for given in (answer, answer.encode()):
        fields = parse_info(given)
        assert (fields["run_id"], fields["role"]) == ("abc", "master")


@pytest.mark.parametrize("changed", ["run_id", "master_replid"])
def test_another_run_and_another_history_are_another_incarnation(changed: str) -> None:
    assert incarnation(PRIMARY | {changed: "new"}) != incarnation(PRIMARY)


@pytest.mark.parametrize("info", [{**PRIMARY, "role": "slave"}, {"role": "master"}, {}])
def test_a_replica_and_a_server_without_a_name_are_refused(info: dict[str, str]) -> None:
    with pytest.raises((NotPrimary, RedisConnectionError)):
        incarnation(info)


async def test_connections_of_long_gone_runs_are_given_up_and_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "RETIRE_AFTER_S", 0.0)
    connections = RunBoundConnections("redis://127.0.0.1:1/0")
    first = connections.to("0")
    last = [connections.to(str(number)) for number in range(KEPT + 1)][1:]
    # A late command of an older run does not displace the connections of newer ones.
    same = [connections.to(str(number)) for number in (*range(1, KEPT + 1),)]
    await asyncio.wait(connections._retired)

    assert same == last
    assert connections.to("0") is not first
    assert len(connections._bound) == KEPT
    await connections.aclose()


async def test_closing_does_not_wait_for_what_was_given_up() -> None:
    connections = RunBoundConnections("redis://127.0.0.1:1/0")
    for number in range(KEPT + 2):
        connections.to(str(number))
    await connections.aclose()

    assert not connections._retired

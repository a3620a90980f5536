"""Nobody takes what the service logs: it goes on without."""

import os
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import (
    call,
    improper,
    last_is_hit,
    newest,
    repeated,
    seconds,
    shown,
    until,
)
from tests.faults.process_deployment import Deployment, Member

EXPECTED = "keeps serving through faults that it would log; the cache comes back"


@pytest.mark.fault("Process", "log pipe closed", "the reader of its output has gone", EXPECTED)
def test_a_service_whose_log_nobody_reads_keeps_serving(
    deployment: Deployment, tmp_path: Path, figures: dict[str, object]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    member = deployment.spawn(log=pipe, env={"LOG_LEVEL": "INFO"})
    os.close(reader)

    _disturb(member, figures)


@pytest.mark.fault("Process", "log disk full", "its output goes to /dev/full", EXPECTED)
def test_a_service_whose_log_is_full_keeps_serving(
    deployment: Deployment, figures: dict[str, object]
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    member = deployment.spawn(log=full, env={"LOG_LEVEL": "INFO"})

    _disturb(member, figures)


def _disturb(member: Member, figures: dict[str, object]) -> None:
    """Break Redis, then MongoDB: both are logged, by requests and by what runs beside them."""
    until(lambda: call(member.url, "GET", "/readyz").status == 200, "readiness")
    person = member.sign_up_and_cache()
    with repeated(lambda: person.read(member.url)) as reads:
        member.redis.switch(RelayMode.REFUSE)
        written = person.rename(member.url, "during")
        member.redis.switch(RelayMode.NORMAL)
        until(lambda: last_is_hit(reads, since=written.ended), "hit after Redis came back")
        without_redis = [written, *reads]
        figures["5xx while Redis was gone"] = sum(one.status >= 500 for one in without_redis)
        member.mongo.switch(RelayMode.REFUSE)
        gone = perf_counter()
        until(lambda: newest(reads, since=gone) == 503, "refusal without MongoDB")
        member.mongo.switch(RelayMode.NORMAL)
        mended = perf_counter()
        until(lambda: last_is_hit(reads, since=mended), "hit after MongoDB came back")

    figures["5xx other than 503"] = len(improper(reads))
    figures["cached again after"] = seconds(reads[-1].began - mended)
    assert written.status == 200
    assert improper(reads) == []
    assert shown(reads) == ["during"]

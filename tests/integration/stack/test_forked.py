"""Services of tests that are forked behave as processes that were started."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.service import Service, start_service
from tests.forked import can_be_forked
from tests.light_service import MODULE


@contextmanager
def forked(servers: Stack, database: str, log: Path, **env: str) -> Iterator[Service]:
    with start_service(
        mongo_url=servers.mongo.url,
        database=database,
        redis_url=servers.redis.url if servers.redis else None,
        log=log,
        env=env,
        module=MODULE,
    ) as service:
        yield service


@pytest.mark.parametrize(("way", "code"), [("stop", 0), ("kill", -9)])
def test_it_answers_from_a_process_group_of_its_own_and_ends_as_it_was_asked_to(
    servers: Stack, database_name: str, tmp_path: Path, way: str, code: int
) -> None:
    with forked(servers, database_name, tmp_path / "log") as service:
        pid = service.process.pid
        assert Path(f"/proc/{pid}/cmdline").read_text().count("forkserver")
        assert os.getpgid(pid) == os.getsid(pid) == pid
        getattr(service.process, way)()
        assert service.process.poll() == code

    assert "Application startup complete" in (tmp_path / "log").read_text()


def test_a_wrong_setting_ends_it_with_its_own_words(
    servers: Stack, database_name: str, tmp_path: Path
) -> None:
    soon = forked(servers, database_name, tmp_path / "log", USER_TTL_SECONDS="soon")
    with pytest.raises(StackError, match="USER_TTL_SECONDS"), soon:
        pass


@pytest.mark.parametrize(
    ("module", "workers", "way"),
    [("service", 1, "forked"), ("service", 2, "started"), ("service.app", 1, "started")],
)
def test_only_a_single_worker_of_what_was_imported_is_forked(
    module: str, workers: int, way: str
) -> None:
    program = [sys.executable, "-m", module, "--workers", str(workers), "--port", "1"]

    assert can_be_forked(program) == (way == "forked")

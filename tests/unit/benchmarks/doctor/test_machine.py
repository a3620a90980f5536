import resource
import socket
import sys
from pathlib import Path

import pytest

from benchmarks.doctor.limits import Limits
from benchmarks.doctor.machine import (
    look_at_folder,
    look_at_governor,
    look_at_machine,
    look_at_memory,
    look_at_open_files,
    look_at_ports,
    look_at_processors,
    usable_cpus,
)

FREE = Limits(cpus=None, memory_bytes=None, throttled=None)


def test_two_processors_are_enough_and_one_is_not() -> None:
    assert look_at_processors(2, FREE).status == "ok"
    assert look_at_processors(1, FREE).status == "warn"


def test_a_quota_below_the_processors_is_a_warning() -> None:
    quota = look_at_processors(4, Limits(cpus=1.5, memory_bytes=None, throttled=0))

    assert quota.status == "warn"
    assert "1.5 of them" in quota.seen
    assert look_at_processors(4, Limits(cpus=4.0, memory_bytes=None, throttled=0)).status == "ok"


@pytest.mark.parametrize(
    ("governors", "status"),
    [
        ([], "ok"),
        (["performance", "performance"], "ok"),
        (["performance", "powersave"], "warn"),
        (["ondemand"], "warn"),
    ],
)
def test_processors_that_change_their_frequency_are_a_warning(
    tmp_path: Path, governors: list[str], status: str
) -> None:
    for number, governor in enumerate(governors):
        folder = tmp_path / f"sys/devices/system/cpu/cpu{number}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_governor").write_text(f"{governor}\n")

    assert look_at_governor(tmp_path).status == status


@pytest.mark.parametrize(
    ("available_kb", "limit", "status"),
    [
        (8_000_000, None, "ok"),
        (1_200_000, None, "warn"),
        (300_000, None, "FAIL"),
        (8_000_000, 512 * 2**20, "FAIL"),
        (8_000_000, 4 * 2**30, "ok"),
    ],
)
def test_memory_is_what_is_free_within_the_limit(
    tmp_path: Path, available_kb: int, limit: int | None, status: str
) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "meminfo").write_text(
        f"MemTotal: 9000000 kB\nMemAvailable:   {available_kb} kB\n"
    )

    found = look_at_memory(Limits(cpus=None, memory_bytes=limit, throttled=None), root=tmp_path)

    assert found.status == status


def test_memory_that_cannot_be_read_is_no_complaint(tmp_path: Path) -> None:
    assert look_at_memory(FREE, root=tmp_path).status == "ok"


@pytest.mark.parametrize(("free", "status"), [(10**10, "ok"), (10**9, "warn"), (10**8, "FAIL")])
def test_a_folder_needs_room(tmp_path: Path, free: int, status: str) -> None:
    found = look_at_folder("reports", tmp_path / "not" / "yet", free_bytes=lambda _: free)

    assert found.status == status
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "reports").touch()

    assert look_at_folder("reports", tmp_path / "reports" / "run").status == "FAIL"


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_a_failure() -> None:
    found = look_at_folder("reports", Path("/proc/self/reports"))

    assert found.status == "FAIL"
    assert "cannot be written" in found.seen


@pytest.mark.parametrize(
    ("limit", "status"),
    [(128, "FAIL"), (256, "warn"), (1023, "warn"), (1024, "ok"), (resource.RLIM_INFINITY, "ok")],
)
def test_open_files_are_connections(limit: int, status: str) -> None:
    assert look_at_open_files(limit).status == status


def test_a_port_that_is_taken_is_a_warning() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        [taken] = look_at_ports([port])
    [free] = look_at_ports([port])

    assert taken.status == "warn"
    assert free.status == "ok"


def test_this_machine_is_looked_at_and_not_named(tmp_path: Path) -> None:
    found = look_at_machine(tmp_path / "reports")

    names = [finding.name for finding in found]
    assert len(names) == len(set(names))
    assert usable_cpus() >= 1
    assert not any(str(tmp_path) in finding.seen for finding in found)
    assert list(tmp_path.iterdir()) == []

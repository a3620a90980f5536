from pathlib import Path

import pytest

from benchmarks.doctor.limits import Limits, read_limits


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_in_a_container_the_limits_are_those_of_its_own_group(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/cpu.stat": "usage_usec 5\nnr_periods 9\nnr_throttled 4\n",
            "sys/fs/cgroup/memory.max": "536870912\n",
        },
    )

    assert read_limits(root=root) == Limits(cpus=1.5, memory_bytes=536870912, throttled=4)


def test_the_tightest_group_around_us_counts(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "proc/self/cgroup": "0::/user.slice/app.scope\n",
            "sys/fs/cgroup/user.slice/cpu.max": "50000 100000\n",
            "sys/fs/cgroup/user.slice/memory.max": "1000000\n",
            "sys/fs/cgroup/user.slice/app.scope/cpu.max": "max 100000\n",
            "sys/fs/cgroup/user.slice/app.scope/memory.max": "max\n",
        },
    )

    assert read_limits(root=root) == Limits(cpus=0.5, memory_bytes=1000000, throttled=0)


def test_version_1_is_read_too_and_a_path_of_the_host_leads_to_our_mount(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/docker/ab12\n1:cpu,cpuacct:/docker/ab12\n9:pids:/\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "734003200\n",
        },
    )

    assert read_limits(root=root) == Limits(cpus=2.0, memory_bytes=734003200, throttled=0)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/\n"},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"},
        {
            "proc/self/cgroup": "1:cpu:/\n4:memory:/\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
    ],
)
def test_without_limits_nothing_is_limited(tmp_path: Path, files: dict[str, str]) -> None:
    expected = Limits(cpus=None, memory_bytes=None, throttled=None)

    assert read_limits(root=written(tmp_path, files)) == expected


def test_a_group_that_points_outside_of_the_mount_is_not_followed(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "proc/self/cgroup": "0::/../../elsewhere\n",
            "sys/fs/cgroup/cgroup.procs": "1\n",
            "sys/elsewhere/cpu.max": "1000 100000\n",
        },
    )

    assert read_limits(root=root).cpus is None

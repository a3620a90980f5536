import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.analysis.header import MeasuredVariant
from benchmarks.runner.environment import collect, describe, git_state
from benchmarks.stack.embedded import Stack
from benchmarks.stack.server import Server
from benchmarks.variants.registry import Variant

NOW = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
MONGO = Server(role="mongo", kind="external", product="MongoDB", version="8", url="mongodb://x/")


def test_the_metadata_names_servers_and_time_and_no_address(tmp_path: Path) -> None:
    found = collect(Stack(mongo=MONGO, redis=None, folder=tmp_path), now=NOW)

    assert found.date_utc == "2026-11-22T23:59:59Z"
    assert found.database is not None
    assert found.database.label == "MongoDB 8 (external)"
    assert found.database.real_mongodb is True
    assert found.redis is None
    assert found.packages["pymongo"]
    cpuinfo = Path("/proc/cpuinfo")
    named = re.findall(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else []
    assert found.machine.cpu_model in named or not named
    assert "mongodb://x" not in str(found), "addresses stay out of it"


def test_a_work_tree_is_dirty_when_it_differs_from_its_commit_and_without_one_outside_a_repository(
    tmp_path: Path,
) -> None:
    outside = git_state(tmp_path)
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.com"]
    (tmp_path / "ours").touch()
    for arguments in (["init", "-q"], ["add", "ours"], [*identity, "commit", "-q", "-m", "m"]):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    clean = git_state(tmp_path)
    installed = tmp_path / "packages"
    installed.mkdir()
    (installed / "module.py").touch()
    dirty = git_state(tmp_path)

    assert outside is None
    assert git_state(installed) is None
    assert clean is not None
    assert dirty is not None
    assert clean.commit == dirty.commit
    assert (clean.dirty, dirty.dirty) == (False, True)


def test_a_variant_is_described_with_the_versions_of_its_packages() -> None:
    variant = Variant(
        name="rival", description="a rival", uses_redis=True, packages=("pymongo", "not-there")
    )

    assert describe(variant) == MeasuredVariant(
        name="rival",
        kind="rival",
        caches=True,
        description="a rival",
        packages={"pymongo": version("pymongo")},
    )

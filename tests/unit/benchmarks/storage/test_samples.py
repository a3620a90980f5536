import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.storage.samples import SamplesUnreadable, append_samples, read_samples
from tests.unit.benchmarks.simulate import run_samples, sample

# A limit of the size of files stops a write as a full disk does: after a part of it.
UNTIL_IT_IS_FULL = """
import resource, sys
from pathlib import Path
from benchmarks.storage.samples import append_samples
from tests.unit.benchmarks.simulate import run_samples

path = Path(sys.argv[1])
append_samples(path, run_samples(seed=1, noise=0, db_ms=1.5))
limit = path.stat().st_size * 5 // 2
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for seed in (2, 3):
    try:
        append_samples(path, run_samples(seed=seed, noise=0, db_ms=1.5))
    except OSError as error:
        print(seed, error.strerror)
"""
COMPRESS, REPLACE = gzip.compress, Path.replace


def test_what_is_appended_block_by_block_is_read_back_in_order(tmp_path: Path) -> None:
    # Missing timings and awkward texts survive.
    odd = sample(db_ms=None, app_ms=0.0, body_hash='a,"b"', duration_s=100.0, start_s=1e-9)
    blocks = [*(run_samples(seed=seed, noise=0, db_ms=1.5) for seed in (1, 2)), [odd]]
    files = [tmp_path / name for name in ("one.csv.gz", "two.csv.gz")]

    for file in files:
        for block in blocks:
            append_samples(file, block)

    assert read_samples(files[0]) == [sample for block in blocks for sample in block]
    # The same samples make the same bytes.
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"not gzip", "cannot be read"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "s.gz").write_bytes(content)

    with pytest.raises(SamplesUnreadable, match=rf"s\.gz {what}"):
        read_samples(tmp_path / "s.gz")


def test_a_file_appears_with_its_first_block_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "samples.csv.gz", []

    def compress(data: bytes, *, mtime: int) -> bytes:
        seen.append(path.exists())
        return COMPRESS(data, mtime=mtime)

    def replace(part: Path, target: Path) -> Path:
        seen.append(target.exists())
        assert read_samples(part) == [sample()]
        return REPLACE(part, target)

    monkeypatch.setattr("benchmarks.storage.samples.gzip.compress", compress)
    monkeypatch.setattr(Path, "replace", replace)
    append_samples(path, [sample()])

    assert seen == [False, False]
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_appended_before_the_disk_was_full_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv.gz"
    done = subprocess.run(
        [sys.executable, "-B", "-c", UNTIL_IT_IS_FULL, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "3 File too large\n"
    blocks = [run_samples(seed=seed, noise=0, db_ms=1.5) for seed in (1, 2)]
    assert read_samples(path) == [sample for block in blocks for sample in block]

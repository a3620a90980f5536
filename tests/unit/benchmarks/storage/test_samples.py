import gzip
from pathlib import Path

import pytest

from benchmarks.storage.samples import SamplesUnreadable, append_samples, read_samples
from tests.unit.benchmarks.simulate import run_samples, sample

COMPRESS, REPLACE = gzip.compress, Path.replace


def test_what_is_appended_block_by_block_is_read_back_in_order(tmp_path: Path) -> None:
    file = tmp_path / "samples.csv.gz"
    blocks = [run_samples(seed=seed, noise=0, db_ms=1.5) for seed in (1, 2, 3)]

    for block in blocks:
        append_samples(file, block)

    assert read_samples(file) == [sample for block in blocks for sample in block]


def test_missing_timings_and_awkward_texts_survive(tmp_path: Path) -> None:
    odd = sample(db_ms=None, app_ms=0.0, body_hash='a,"b"', duration_s=100.0, start_s=1e-9)

    append_samples(tmp_path / "s.gz", [odd])

    assert read_samples(tmp_path / "s.gz") == [odd]


def test_the_same_samples_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        append_samples(tmp_path / name, run_samples())

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SamplesUnreadable, match=r"s\.gz does not exist"):
        read_samples(tmp_path / "s.gz")


@pytest.mark.parametrize("content", [b"", b"not gzip", b"\x1f\x8b\x08"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.gz").write_bytes(content)

    with pytest.raises(SamplesUnreadable, match=r"s\.gz cannot be read"):
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

"""The samples of several processes become those of one run."""

import gzip
from pathlib import Path

import pytest

from benchmarks.load.locust_run import collect_samples
from benchmarks.scenarios import LOAD_SCENARIOS
from benchmarks.storage.records import Sample
from benchmarks.storage.samples import append_samples
from tests.unit.benchmarks.simulate import sample

MIX, SESSION = LOAD_SCENARIOS["mostly-reads"], LOAD_SCENARIOS["session"]


def recorded(folder: Path, *processes: list[Sample]) -> Path:
    """Write what each process recorded; return the file of the first."""
    files = [folder / f"samples-{pid}.csv.gz" for pid in range(1, len(processes) + 1)]
    for file, samples in zip(files, processes, strict=True):
        append_samples(file, samples)
    return files[0]


def test_requests_of_a_mix_are_numbered_over_all_processes_by_their_start_anew_in_every_block(
    tmp_path: Path,
) -> None:
    recorded(
        tmp_path,
        [sample(start_s=at, session=9, index=7, user=1) for at in (0.1, 0.4)],
        [sample(start_s=at, session=9, index=7, user=2) for at in (0.2, 0.3)]
        + [sample(start_s=0.5, user=2, block=1)],
    )

    samples, damage = collect_samples(tmp_path, MIX)

    numbers = [(each.user, each.session, each.index) for each in samples]
    assert numbers == [(1, 0, 0), (2, 1, 0), (2, 2, 0), (1, 3, 0), (2, 0, 0)]
    assert damage == ()


def test_equal_numbers_of_two_processes_are_two_sessions(tmp_path: Path) -> None:
    recorded(
        tmp_path,
        *(
            [sample(start_s=pid + index / 10, session=4, index=index) for index in range(5)]
            for pid in (1, 2)
        ),
    )

    found, _ = collect_samples(tmp_path, SESSION)

    assert [each.session for each in found] == [0] * 5 + [1] * 5
    assert [each.index for each in found] == [0, 1, 2, 3, 4] * 2


def test_a_session_that_was_cut_off_is_left_out_unless_something_failed_in_it(
    tmp_path: Path,
) -> None:
    cut_off = [sample(session=1, index=index) for index in range(4)]
    failed = [sample(session=2, start_s=1.0), sample(session=2, start_s=1.1, status=429)]
    recorded(tmp_path, [*cut_off, *failed])

    assert [each.status for each in collect_samples(tmp_path, SESSION)[0]] == [200, 429]


@pytest.mark.parametrize("damage", ["another file", "cut off"])
def test_a_file_that_cannot_be_read_is_said_and_the_others_are_read(
    tmp_path: Path, damage: str
) -> None:
    file = recorded(tmp_path, [sample()], [sample()])
    whole = gzip.compress(b"name,value\nx,1\n") if damage == "another file" else file.read_bytes()
    file.write_bytes(whole if damage == "another file" else whole[:-20])

    samples, [said] = collect_samples(tmp_path, MIX)

    assert len(samples) == 1
    assert said.startswith("Nothing of samples-1.csv.gz can be read")

"""The records of Locust's processes, as the samples of one run."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.scenarios.base import Scenario
from benchmarks.storage.records import LOAD, Sample
from benchmarks.storage.samples import SamplesUnreadable, read_samples


@dataclass(frozen=True, slots=True)
class Collected:
    """The samples of all processes in the order of their starts, and what could not be read."""

    samples: Sequence[Sample]
    damage: tuple[str, ...]


def collect_samples(folder: Path, scenario: Scenario) -> Collected:
    """Read ``samples-*.csv.gz`` of a folder; a damaged file is left out, and said.

    In a mix every request stands alone. Sessions that were cut off by the end of the run are left
    out, unless something failed in them.
    """
    sessions: list[list[Sample]] = []
    damage = []
    for file in sorted(folder.glob("samples-*.csv.gz")):
        try:
            own = read_samples(file)
        except SamplesUnreadable as error:
            damage.append(f"Nothing of {file.name} can be read: {error}")
            continue
        sessions += [[one] for one in own] if scenario.kind == "mix" else _whole(own, scenario)
    return Collected(_numbered(sessions, scenario), tuple(damage))


def _whole(samples: Iterable[Sample], scenario: Scenario) -> list[list[Sample]]:
    sessions: dict[tuple[int, int, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        sessions[sample.block, sample.user, sample.session].append(sample)
    return [
        session
        for session in sessions.values()
        if len(session) == scenario.requests
        or any(sample.status not in scenario.answers for sample in session)
    ]


def _numbered(sessions: Iterable[Sequence[Sample]], scenario: Scenario) -> list[Sample]:
    """Return the sessions of all processes with numbers that count up within their blocks."""
    seen: dict[int, int] = defaultdict(int)
    numbered = []
    for session in sorted(sessions, key=lambda session: session[0].start_s):
        number = seen[session[0].block]
        seen[session[0].block] += 1
        numbered += [
            replace(
                sample,
                scenario=scenario.name,
                regime=LOAD,
                restart=0,
                session=number,
                index=index,
            )
            for index, sample in enumerate(session)
        ]
    return numbered

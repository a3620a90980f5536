"""The folder of a run: raw samples, results, report, logs."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from benchmarks.storage.records import Sample
from benchmarks.storage.samples import append_samples, read_samples
from benchmarks.storage.usage import UsageError, is_full

LATEST = "latest"


def check_out(out: Path) -> None:
    """Raise ``UsageError`` where no folder of reports can be, or none can be made.

    Where the disk is full, it is an ``OSError`` that names the folder.
    """
    try:
        if out.exists() and not out.is_dir():
            raise UsageError(f"--out {out} is a file; give a folder for the reports")
        latest = out / LATEST
        if latest.exists() and not latest.is_symlink():
            raise UsageError(f"{latest} is in the way of the link to the newest run: rename it")
        above = (each for each in (out, *out.absolute().parents) if each.exists())
        # Only making one tells: permissions do not, of /proc for example.
        TemporaryDirectory(dir=next(above)).cleanup()
    except OSError as error:
        if is_full(error):
            raise OSError(error.errno, error.strerror, str(out)) from error
        why = error.strerror or error
        raise UsageError(f"--out {out} cannot be written to: {why}") from error


def new_folder(out: Path, kind: str, now: datetime) -> Path:
    """Name a folder that is not there yet; sorted by name, the last one is the newest."""
    return out / f"{now:%Y%m%d-%H%M%S}-{kind}-{secrets.token_hex(2)}"


@dataclass(frozen=True, slots=True)
class Run:
    """One run on disk; every file is whole at any moment."""

    path: Path

    @classmethod
    def create(cls, out: Path, profile: str, now: datetime) -> Self:
        """Make the folder of a new run."""
        path = new_folder(out, profile, now)
        (path / "logs").mkdir(parents=True)
        return cls(path)

    @property
    def label(self) -> str:
        """Return the random end of the run's name."""
        return self.path.name.rpartition("-")[2]

    @property
    def logs(self) -> Path:
        """Return the folder of the services' logs."""
        return self.path / "logs"

    @property
    def results_file(self) -> Path:
        """Return where the results are."""
        return self.path / "results.json"

    @property
    def figures(self) -> Path:
        """Return the folder of the figures."""
        return self.path / "figures"

    @property
    def samples_file(self) -> Path:
        """Return where the raw samples are."""
        return self.path / "samples.csv.gz"

    def append(self, samples: Sequence[Sample]) -> None:
        """Add a block of samples to what is saved; with its first one a run becomes the latest."""
        first = not self.samples_file.exists()
        append_samples(self.samples_file, samples)
        if first:
            self.point_latest()

    def samples(self) -> list[Sample]:
        """Return everything saved so far, nothing before the first block."""
        return read_samples(self.samples_file) if self.samples_file.exists() else []

    def write_all(self, texts: Mapping[Path, str]) -> None:
        """Replace files of the run, none unless there is room for all of them.

        They are written beside and moved into place, so that no reader meets half of one. Raises
        ``OSError``.
        """
        drafts = {file: file.with_name(f".{file.name}.new") for file in texts}
        try:
            for file, text in texts.items():
                file.parent.mkdir(parents=True, exist_ok=True)
                drafts[file].write_text(text, encoding="utf-8")
            for file, draft in drafts.items():
                draft.replace(file)
        finally:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)

    def point_latest(self) -> None:
        """Have ``latest`` lead to this run."""
        # Relative, so that the reports folder can be moved; replaced, so that it is never absent.
        link = self.path.with_name(LATEST)
        draft = self.path.with_name(f".{LATEST}.{self.label}")
        draft.symlink_to(self.path.name, target_is_directory=True)
        draft.replace(link)

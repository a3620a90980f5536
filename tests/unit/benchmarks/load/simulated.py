"""Samples and headers of a load that never happened."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.analysis.header import Header, RunEnvironment
from benchmarks.load.job import LoadJob
from benchmarks.load.options import LoadOptions
from benchmarks.load.schedule import series_of
from benchmarks.measure.sessions import interleave
from benchmarks.runner.services import Dependencies
from benchmarks.storage.records import Sample
from benchmarks.storage.samples import append_samples
from tests.unit.benchmarks.simulate import ENVIRONMENT, sample

READ_S = {"uncached": 0.020, "cached": 0.002}
WRITE_S = 0.060
BLOCK_S = 0.5
REQUESTS = 20


def load_samples(*, observations: int = 10) -> Iterator[Sample]:
    """Yield blocks of a mix of 19 reads to a write, each time off by 2 % or so."""
    rng = random.Random(1)
    blocks = interleave(series_of(["uncached", "cached"]), observations=observations, seed="1")
    for block in blocks:
        variant = block.variant.split()[0]
        for number in range(REQUESTS):
            writes = rng.random() < 0.05
            start_s = block.number * BLOCK_S + number * BLOCK_S / REQUESTS
            outcome = "write" if writes else "bypass" if variant == "uncached" else "hit"
            yield sample(
                scenario="mostly-reads",
                regime="load",
                observation=block.observation,
                block=block.number,
                variant=block.variant,
                session=number,
                user=number % 5,
                action="complete" if writes else "list",
                outcome=outcome,
                slots=f"todos={outcome} user={outcome}",
                intended_start_s=start_s,
                start_s=start_s,
                duration_s=(WRITE_S if writes else READ_S[variant]) * rng.uniform(0.98, 1.02),
            )


def load_header(
    scenario: str,
    *,
    rate: float | None = None,
    environment: RunEnvironment = ENVIRONMENT,
    **load: Any,
) -> Header:
    """Return the header of a load of two processes, with some of what drove it changed."""
    options = LoadOptions(scenario, rate=rate, processes=2)
    job = LoadJob(options, Dependencies(), ())
    job._environment = environment
    header = job.header
    assert header.load is not None
    return replace(header, load=replace(header.load, **load))


def prepared(folder: Path, mode: str, *, observations: int) -> Path:
    """Write what two processes of a load record in a mode, a file for each of them."""
    folder.mkdir()
    samples = recorded(mode, observations)
    for number, part in enumerate([samples[::2], samples[1::2]]):
        if part:
            append_samples(folder / f"{number}.csv.gz", part)
    return folder


def recorded(mode: str, observations: int) -> list[Sample]:
    """Return what is recorded in a mode."""
    samples = list(load_samples(observations=observations))
    if mode == "refused":
        samples[3] = replace(samples[3], status=429, outcome="unknown")
    if mode == "slow":
        return [each for each in samples if each.variant != "uncached again"]
    return [] if mode == "silent" else samples

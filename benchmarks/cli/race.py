"""The options of ``fivefold race``."""

import os

import typer

from benchmarks.cli.shared import Out, Several
from benchmarks.coherence.race.run import RaceOptions
from benchmarks.coherence.race.run import race as play
from benchmarks.storage.usage import DEFAULT_OUT


def race(*, variant: Several = None, out: Out = DEFAULT_OUT) -> None:
    """Play the race of a read and a write on two real processes, and draw what happened."""
    raise typer.Exit(play(RaceOptions.asked_for(variant or (), out), os.environ))

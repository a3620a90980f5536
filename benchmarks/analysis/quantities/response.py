"""Times as a user has them: from when a request was due, not from when it could be sent."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.storage.records import LOAD, Sample


def responses(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples with the durations of those of a load counted from the intended start.

    Where a service cannot keep up, requests are late because of those before them, and that is
    part of what it takes (Schroeder et al., "Open versus closed", NSDI 2006). Samples of blocks on
    one connection are left as they are: there the schedule is looked at by the check of the pace.
    """
    return [
        replace(sample, duration_s=sample.start_s + sample.duration_s - sample.intended_start_s)
        if sample.regime == LOAD
        else sample
        for sample in samples
    ]

"""The conditions without which a ratio means nothing; one that fails leaves it undecided.

Each is a function of samples or of records in a run's header, and says what was seen, in figures,
and what to do about it.
"""

from benchmarks.analysis.checks.answers import coherence, stand_in
from benchmarks.analysis.checks.check import Guard
from benchmarks.analysis.checks.counted import Counted, Lookups, queries_ratio
from benchmarks.analysis.checks.judge import judge_guards
from benchmarks.analysis.checks.noise import Noise, noise, within_floor

__all__ = [
    "Counted",
    "Guard",
    "Lookups",
    "Noise",
    "coherence",
    "judge_guards",
    "noise",
    "queries_ratio",
    "stand_in",
    "within_floor",
]

"""The conditions without which a ratio means nothing; one that fails leaves it undecided.

Each is a function of samples or of records in a run's header, and says what was seen, in figures,
and what to do about it.
"""

from benchmarks.analysis.checks.answers import coherence, stand_in
from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.counters import Counted, Lookups, queries_ratio
from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.checks.noise import Noise, noise, within_floor

__all__ = [
    "Check",
    "Counted",
    "Lookups",
    "Noise",
    "coherence",
    "judge_checks",
    "noise",
    "queries_ratio",
    "stand_in",
    "within_floor",
]

"""What a comparison keeps beside its samples."""

from dataclasses import dataclass, field
from typing import Any

Entries = list[dict[str, Any]]


@dataclass(slots=True)
class RunRecord:
    """Plain values for the header of a run, in the order in which they were found."""

    skipped: dict[str, str] = field(default_factory=dict)
    coherence: Entries = field(default_factory=list)
    counters: Entries = field(default_factory=list)
    system: Entries = field(default_factory=list)
    rates: Entries = field(default_factory=list)
    steps: Entries = field(default_factory=list)

"""What every Redis row is and must show."""

import pytest

from tests.faults.redis_outcome import Outcome

LEAST_READS = 100


def row(fault: str, injected: str, expected: str) -> pytest.MarkDecorator:
    """Return the mark of a row about Redis."""
    return pytest.mark.fault("Redis", fault, injected, expected)


def assert_harmless(outcome: Outcome) -> None:
    """Fail unless users noticed nothing but the time it took, and unless there were users."""
    summary = outcome.summary
    assert summary.reads >= LEAST_READS, summary
    assert any(each.is_read for each in outcome.meanwhile), "the fault met no read"
    assert outcome.stale_for_witness == 0, "the witness does not see what it wrote"
    assert outcome.stale == 0, summary.first_violation
    assert summary.backwards == 0, summary.first_violation
    assert summary.impossible == 0, summary.first_violation
    assert summary.errors == 0, f"{summary.errors} answers of 500 and more"
    assert summary.unanswered == 0, f"{summary.unanswered} requests without an answer"

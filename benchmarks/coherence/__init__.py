"""The check that every answer is new enough: under faults, in a probe, in one race."""

"""Whether every answer was as new as it had to be: under faults, in a probe, in one race."""

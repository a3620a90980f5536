"""The fault matrix: each fault on its own, with the figures that ``docs/faults.md`` prints."""

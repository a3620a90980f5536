"""Redis: cached slots and rate limits, both behind deadlines of tens of milliseconds."""

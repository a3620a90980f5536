"""Redis: cached values and rate limits, both behind deadlines of tens of milliseconds."""

"""The stale set, played on purpose: a read, a write, and a stored value that comes too late."""

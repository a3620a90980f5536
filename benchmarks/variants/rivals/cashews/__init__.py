"""Cashews, as its README shows it: ``@cache`` over the reads, ``@cache.invalidate`` over writes."""

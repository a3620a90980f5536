"""Aiocache, as its README shows it: ``@cached`` over the reads, ``cache.delete`` after writes."""

"""A cache that is never stale: a fence in the database, leases on it, tokens in the cache.

Read ``fence``, ``lease``, ``writes`` and ``repository`` in this order; ``docs/coherence.md``
explains the races and the protocol in prose. Sources: leases as in Gray and Cheriton (SOSP 1989),
state steps as in F1's online schema change (VLDB 2013), fill tokens as in Facebook's memcache
leases (NSDI 2013, 3.2.1).
"""

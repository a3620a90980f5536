"""A state machine that breaks Redis and compares three answers: cached, uncached, and predicted.

Hypothesis draws operations of users and faults; every operation goes to the cached deployment, to
the uncached service and to a model in plain Python, and the three must agree in status, body and
headers. What differs by nature (ids, times) is compared by the order of creation and by identity:
one revision of a todo has one time of change, whoever tells it.

What a sequential driver can see is a write that a later read does not show, on any process, after
any fault. What it cannot see is what only overlapping operations meet: ``tests/interleaving`` and
``benchmarks/coherence`` are for those. ``test_mutants`` says which rules that leaves.
"""

"""The service with one of its levers taken out, to see what each brings.

Each module is run as ``python -m benchmarks.variants.ablation.no_...``, with the flags of
``python -m service``. A lever is judged in the finished service, since what it brings depends on
what the others left: ``docs/performance.md`` has the table and the command that repeats it.
"""

"""Micro-benchmarks: each layer of the service alone, in one process, without HTTP."""

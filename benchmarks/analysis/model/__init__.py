"""The arithmetic of a cache: cost per request, hit ratio, tail and memory.

Pure: numbers in, numbers out. Symbols are those of ``cost``; times are milliseconds, rates and
lifetimes are seconds.
"""

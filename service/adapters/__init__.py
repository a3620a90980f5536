"""Implementations of the ports, named after their technology."""

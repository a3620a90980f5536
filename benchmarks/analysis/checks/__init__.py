"""The conditions without which a figure means nothing, or less.

Each is a function of samples or of records in a run's header, and says what was seen, in figures,
and what to do about it. There are three kinds of failure, see ``check.Result``: what is wrong voids
the figures that it touches, what is noisy widens their intervals, and what cannot be told is said.
"""

"""Intervals, percentiles and the rule to stop by."""

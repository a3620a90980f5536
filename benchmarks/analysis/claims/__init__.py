"""The claims, and the interval that decides each."""

"""The variants: our service, other ways to cache, and ours without one lever."""

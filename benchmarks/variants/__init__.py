"""What is compared: our service, other ways to cache, and ours without one lever."""

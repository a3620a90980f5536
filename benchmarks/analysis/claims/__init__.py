"""What is claimed, and whether an interval decides it."""

"""Break Redis under load and check, read by read, that nobody was served an old value."""

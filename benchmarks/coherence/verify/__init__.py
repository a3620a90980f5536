"""Break Redis under load and check, read by read, that no client got an old value."""

"""Other ways to cache, as layers of the same service: same routes, same ports, other wrappers."""

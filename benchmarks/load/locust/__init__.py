"""Everything that imports Locust, which changes the standard library of its process."""

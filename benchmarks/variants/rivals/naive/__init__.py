"""The tutorial's pattern, done with care: cache-aside with a TTL, entries deleted after writes."""

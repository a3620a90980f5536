"""``fivefold advise``: is a cache worth it, for a measured run or for numbers of one's own."""

"""``fivefold advise``: does a cache pay, for a measured run or for numbers of one's own."""

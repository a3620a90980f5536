"""How many processes, and how much Redis and MongoDB, a rate of requests takes."""

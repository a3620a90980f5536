"""Start and stop what a run needs: MongoDB, Redis and the service, each in a process of its own."""

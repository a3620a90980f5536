"""MongoDB: accounts, todos, and the indexes they need."""

"""Which versions are installed, which servers would be used, and is this machine quiet enough."""

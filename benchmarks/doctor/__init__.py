"""What is installed, which servers would be used, and can this machine measure."""

"""What every job of the harness shares: options, services, environment, the end of a run."""

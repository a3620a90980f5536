"""Compare any two running services by a scenario in a file: the same harness, other services."""

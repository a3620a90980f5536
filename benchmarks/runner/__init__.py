"""The parts that all jobs share: options, services, environment, the end of a run."""

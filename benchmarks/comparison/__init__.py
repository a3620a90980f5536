"""One comparison of variants or of running services: its schedule, its cases, its sweeps."""

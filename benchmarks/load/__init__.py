"""The load that people watch: Locust on the scenarios of the comparison."""

"""Scenario files to start from: ``fivefold compare --target ... --scenario FILE.py``."""

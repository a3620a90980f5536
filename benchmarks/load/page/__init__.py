"""The live page in Locust's web UI: both variants side by side while the test runs."""

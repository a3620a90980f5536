"""The harness: it measures services from outside and says what the figures mean."""

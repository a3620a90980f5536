"""Warm reads per second of each variant, and its memory."""

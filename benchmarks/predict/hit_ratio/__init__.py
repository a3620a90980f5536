"""``fivefold hit-ratio``: which part of the reads a cache answers, predicted and measured."""

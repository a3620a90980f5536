"""The options of the commands; what they do lives elsewhere."""

"""The notebooks: what they are written with, and how they become pages."""

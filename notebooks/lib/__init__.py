"""What the notebooks are written with: each takes the module of its subject, and ``kit``."""

"""The helpers of the notebooks: each imports the module of its subject, and ``kit``."""

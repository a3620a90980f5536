"""The storage of a run: its folder, its samples, the errors of a wrong command line."""

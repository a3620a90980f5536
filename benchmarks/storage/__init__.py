"""What is kept of a run: its folder, its samples, the errors of a wrong command line."""

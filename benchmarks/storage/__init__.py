"""What is kept of a run: its folder, its samples, the errors of those who name it wrongly."""

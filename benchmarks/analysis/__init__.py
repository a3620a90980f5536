"""Pure functions from raw samples to figures, checks and verdicts; no I/O."""

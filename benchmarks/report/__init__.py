"""Results, tables and reports, made from the results of a run only."""

"""Drive the variants and record what every request did."""

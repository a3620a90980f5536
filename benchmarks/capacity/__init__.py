"""How many warm reads per second each variant answers, and what that costs in memory."""

"""The service against an attacker: fuzzed input, cancelled requests, timing, leaked secrets."""

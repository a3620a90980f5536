"""Ask a running variant whether its answers are right, before its speed is believed."""

"""Two stored runs compared: what changed from one to the other."""

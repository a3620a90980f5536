"""One function for each figure that is published, from samples."""

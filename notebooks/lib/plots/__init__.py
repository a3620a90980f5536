"""Pictures that only notebooks show."""

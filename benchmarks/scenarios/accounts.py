"""What the accounts that a scenario's users have are called, in every variant."""

PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts made for being measured


def email_of(number: int) -> str:
    """Return the address of the user with that number."""
    return f"user-{number:05d}@example.com"

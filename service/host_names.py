"""What can be the name of a host."""

import re

_CHARACTERS = re.compile(r"[^\s\0/@?#]+")


def is_host_name(text: str) -> bool:
    """Tell whether a name or an address can be looked up, whether there is such a host or not."""
    try:
        # As Python's sockets do, which refuse an empty label and one of 64 characters.
        text.encode("idna")
    except UnicodeError:
        return False
    return _CHARACTERS.fullmatch(text) is not None

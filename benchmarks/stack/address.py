"""Show where a server is without showing how to get in."""

import re
from urllib.parse import urlsplit

_USER_AND_PASSWORD = re.compile(r"(://[^:@/?]*:).*@")
_PASSWORD_OPTION = re.compile(r"(password=)[^&]*", re.IGNORECASE)


def without_password(url: str) -> str:
    """Return the URL with every password in it replaced by ``***``; any text is accepted."""
    # Up to the last @, because people forget to escape the one in a password.
    hidden = _USER_AND_PASSWORD.sub(r"\1***@", url)
    return _PASSWORD_OPTION.sub(r"\1***", hidden)


def is_http_address(url: str) -> bool:
    """Tell whether it is ``http://HOST:PORT`` without a path."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme == "http"
            and bool(parts.hostname)
            and parts.port != 0
            and parts.path in {"", "/"}
        )
    except ValueError:
        return False

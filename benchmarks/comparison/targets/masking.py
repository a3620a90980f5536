"""What was sent to the targets and is kept nowhere, and what they answer without it.

The one place of the rule; docs/your-service.md states it.
"""

import base64
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from urllib.parse import parse_qsl, urlsplit

from benchmarks.comparison.targets.steps import SECRET_NAME

MASK = "***"
_LONG = 6
"""Secrets of this many characters or more are masked anywhere, shorter ones as whole words."""
_SHORTEST = 2
_ORDINARY = re.compile(
    "(?i)accept(-.*)?|cache-control|content-type|dnt|origin|pragma|priority|referer|sec-.*|"
    "upgrade-insecure-requests|user-agent|x-requested-with"
)
"""The headers that every browser sends, and whose values are in every other answer."""
_SCHEME = re.compile(r"(?i)(bearer|basic|digest|token)\s+")
_SEPARATORS = re.compile(r"[\s;,]+")


def secrets_in(headers: Mapping[str, str], *, known: bool = False) -> Iterator[str]:
    """Return what of the values of headers is a secret.

    ``known`` values are, whatever the name of their header.
    """
    for name, value in headers.items():
        if known or SECRET_NAME.search(name):
            yield from _parts(value, shortest=_SHORTEST)
        elif not _ORDINARY.fullmatch(name):
            yield from _parts(value, shortest=_LONG)


def secret_parameters(path: str) -> dict[str, str]:
    """Return the parameters of a path whose values may be secret."""
    return {
        name: value for name, value in parse_qsl(urlsplit(path).query) if SECRET_NAME.search(name)
    }


def _parts(value: str, *, shortest: int) -> Iterator[str]:
    """Return the value, the user and the password in it, its long words and values of words."""
    whole = _SCHEME.sub("", value, count=1)
    credentials = _credentials(value)
    words = [word for word in _SEPARATORS.split(value) if not _SCHEME.fullmatch(f"{word} ")]
    values = [word.partition("=")[2].strip("\"'") for word in words]
    yield from (each for each in (value, whole, *credentials) if len(each) >= shortest)
    yield from (each for each in (*words, *values) if len(each) >= _LONG)


def _credentials(value: str) -> tuple[str, ...]:
    """Return the user and the password, together and alone, of Basic authentication."""
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return ()
    try:
        both = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return ()
    user, _, password = both.partition(":")
    return both, user, password


class Masking:
    """Texts without the secrets, in whatever form a service writes them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: one may be a part of another.
        ordered = sorted(set(secrets), key=len, reverse=True)
        self._patterns = [re.compile(_pattern(secret)) for secret in ordered]

    def body(self, body: bytes) -> bytes:
        """Return a body without them."""
        for pattern in self._patterns:
            body = pattern.sub(MASK.encode(), body)
        return body

    def text(self, text: str) -> str:
        """Return a text without them."""
        # A service may answer half of a surrogate pair, which JSON can hold.
        return self.body(text.encode(errors="surrogatepass")).decode(errors="surrogatepass")


def _pattern(secret: str) -> bytes:
    found = b"".join(map(_spelled, secret))
    return found if len(secret) >= _LONG else rb"(?<![A-Za-z0-9])" + found + rb"(?![A-Za-z0-9])"


@cache
def _spelled(character: str) -> bytes:
    """Return a pattern of a character as it is, in JSON (even twice), in an address, in HTML."""
    if character.isascii() and (character.isalnum() or character in "-_."):
        return re.escape(character.encode())
    plain, units = re.escape(character.encode()), character.encode("utf-16-be").hex()
    forms = [
        b"".join(rb"\\+u" + units[at : at + 4].encode() for at in range(0, len(units), 4)),
        b"".join(b"%%%02x" % byte for byte in character.encode()),
        re.escape(html.escape(character).encode()),
        b"&#(?:%d|x%x);" % (ord(character), ord(character)),
        # The last: its character may be the first one of the others.
        rb"\\+" if character == "\\" else rb"\\*" + plain,
        *([rb"\+"] if character == " " else []),
    ]
    return b"(?i:" + b"|".join(forms) + b")"

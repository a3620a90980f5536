"""The address of a service, read from the text that names it."""

import base64
import re
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

FORMS = (
    "http://HOST:PORT, https://HOST:PORT, either with a path that all requests are below, "
    "or unix:/PATH/TO.sock[:/BASE]"
)
_NO_FORM = f"it is not one of {FORMS}"
_PORTS = {"http": 80, "https": 443}
_UNIX = re.compile(r"unix:(?P<path>/[^:]+)(?::(?P<base>/.*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A service's address without the user and the password that the text may have held.

    ``base`` is what comes before the path of every request, "" or "/..." without a slash at its
    end. ``authorization`` is the header for that user and password, "" without one.
    """

    url: str
    authority: str
    base: str = ""
    host: str = ""
    port: int = 0
    tls: bool = False
    unix_path: str = ""
    authorization: str = field(default="", repr=False)

    @property
    def origin(self) -> str:
        """Return the scheme and the authority; a socket's are those of ``http://localhost``."""
        return f"http{'s' if self.tls else ''}://{self.authority}"

    def connect(self, timeout_s: float, context: ssl.SSLContext | None) -> socket.socket:
        """Return a connected socket; with a ``context`` TLS has been agreed on.

        Raises ``OSError``.
        """
        if self.unix_path:
            connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connected.settimeout(timeout_s)
            try:
                connected.connect(self.unix_path)
            except OSError:
                connected.close()
                raise
            return connected
        connected = socket.create_connection((self.host, self.port), timeout_s)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is None:
            return connected
        try:
            return context.wrap_socket(connected, server_hostname=self.host)
        except OSError:
            connected.close()
            raise


def parse_address(text: str) -> Address:
    """Read an address; raises ``ValueError``, which quotes nothing that may be a password."""
    unix = _UNIX.fullmatch(text)
    if unix:
        base = _base(unix["base"] or "")
        # No name of a host: what HTTP wants one for is not used on this way.
        return Address(
            url=f"unix:{unix['path']}{':' if base else ''}{base}",
            authority="localhost",
            base=base,
            unix_path=unix["path"],
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        # It quotes what it found, which may be a password with a slash in it.
        raise ValueError(_NO_FORM) from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ValueError(_NO_FORM)
    if parts.query or parts.fragment:
        raise ValueError("an address has no ? and no #: they belong to what is asked of it")
    authority = parts.netloc.rpartition("@")[2]
    _plain(authority)
    base = _base(parts.path)
    return Address(
        url=f"{parts.scheme}://{authority}{base}",
        authority=authority,
        base=base,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "https",
        authorization=_basic(parts.username, parts.password),
    )


def tls_context(*, verified: bool) -> ssl.SSLContext:
    """Return how TLS is spoken; without ``verified`` any certificate is taken."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _base(path: str) -> str:
    _plain(path)
    return path.rstrip("/")


def _plain(text: str) -> None:
    if not text.isascii() or any(each <= " " for each in text):
        raise ValueError("it has characters that an address must write as %XX or in punycode")


def _basic(user: str | None, password: str | None) -> str:
    """Return the value of the header ``Authorization`` (RFC 7617), "" without either."""
    if user is None and password is None:
        return ""
    credentials = f"{unquote(user or '')}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"

"""Whatever is in the Authorization header, it is refused, or it is a token that we issued."""

import logging
import math
import re
import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from service.api.reads import bearer
from service.errors import ExpiredToken, InvalidToken
from service.security import LEEWAY_S, Claims, Tokens
from tests.e2e.api_client import Api, sign_up
from tests.security.conftest import VARIANTS, Variant
from tests.security.forgery import HEADER, KEYED, SECRET, Forger, claims, token
from tests.security.fuzzing import LONG, SEED

log = logging.getLogger(__name__)
IN_PROCESS = 100_000 if LONG else 4_000
ON_THE_WIRE = 1_500 if LONG else 100
DEADLINE_S = 60.0
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET, lifetime_s=3_600)


def test_every_header_is_refused_or_holds_a_token_that_was_signed_with_the_key(
    tokens: Tokens,
) -> None:
    good = token(HEADER, claims())
    original = _verify(tokens, b"Bearer " + good)
    outcomes: Counter[tuple[str, str]] = Counter()

    for kind, header in Forger(SEED, good).headers(IN_PROCESS):
        try:
            admitted = _verify(tokens, header)
        except (InvalidToken, ExpiredToken) as refusal:
            outcomes[kind, type(refusal).__name__] += 1
        else:
            outcomes[kind, "admitted"] += 1
            # Base64 has more than one spelling of a signature; what is signed has only one.
            assert admitted == original or (kind in KEYED and _proper(admitted)), (SEED, header)

    log.info("seed %d: %s", SEED, dict(outcomes))
    assert outcomes.total() == IN_PROCESS
    assert outcomes["claim", "ExpiredToken"] > 0
    assert outcomes["header", "admitted"] > 0
    assert _verify(tokens, b"Bearer " + good) == original


@pytest.mark.parametrize("variant", VARIANTS if LONG else ["cached"])
def test_no_bytes_on_the_wire_get_more_than_a_refusal(running: Variant, variant: str) -> None:
    service = running(variant)
    good = sign_up(service.url).encode()
    statuses: Counter[int] = Counter()

    for header in _wire_headers(good):
        answers = _send(service.url, header)
        assert answers, (SEED, header)
        statuses.update(answers)
        assert set(answers) <= {400, 401, 431} or good in header, (SEED, header, answers)

    assert set(statuses) <= {200, 400, 401, 431}
    assert min(statuses[400], statuses[401]) > ON_THE_WIRE // 20
    assert _send(service.url, b"authorization: Bearer " + good) == [200]
    assert Api(service.url).get("/readyz").status_code == 200
    assert "Traceback" not in service.process.log.read_text()


def test_no_answer_names_the_software(running: Variant) -> None:
    with Api(running("cached").url) as api:
        answers = [api.get(path) for path in ("/healthz", "/todo/", "/nowhere")]

    for answer in answers:
        assert not {"server", "x-powered-by", "via"} & set(answer.headers)
        assert "uvicorn" not in answer.text.lower()


def _verify(tokens: Tokens, header: bytes) -> Claims:
    """Do with a header what a route does."""
    return tokens.verify(bearer({"headers": [(b"authorization", header)]}))


def _proper(admitted: Claims) -> bool:
    return (
        re.fullmatch("[0-9a-f]{24}", admitted.user_id) is not None
        and uuid.UUID(admitted.token_id).version == 4
        and type(admitted.generation) is int
        and math.isfinite(admitted.expires_at)
        and admitted.expires_at > time.time() - LEEWAY_S - 60
    )


def _wire_headers(good: bytes) -> Iterator[bytes]:
    """Yield header blocks: forged ones, and what only bytes can do to the framing."""
    for _, value in Forger(SEED, good).headers(ON_THE_WIRE):
        yield b"authorization: " + value
    name, bad = b"authorization: Bearer ", good[:-9] + b"AAAAAAAAA"
    for byte in range(256):
        yield name + bad + bytes([byte]) + b"x"
        yield b"authorization" + bytes([byte]) + b": Bearer " + bad
    yield name + b"\r\n " + bad
    yield name + bad[:50] + b"\r\n\t" + bad[50:]
    yield b"\r\n".join(name + bad for _ in range(500))
    yield b"\r\n".join(b"x-%d: y" % number for number in range(2_000)) + b"\r\n" + name + bad
    yield name + bad + b"\r\ntransfer-encoding: chunked\r\ncontent-length: 5"
    yield name + bad + b"\r\ncontent-length: -1"
    yield name + bad + b"\r\ncontent-length: 1\r\ncontent-length: 2"
    yield b": Bearer " + bad
    yield b"authorization"


def _send(url: str, header: bytes) -> list[int]:
    """Return the statuses of all answers to one request; the server ends the connection."""
    target = urlsplit(url)
    request = b"GET /todo/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + header + b"\r\n\r\n"
    with socket.create_connection((target.hostname, target.port), DEADLINE_S) as connection:
        received = b""
        # It may be refused before it was read to its end, or sent: what was answered is there.
        with suppress(ConnectionError):
            connection.sendall(request)
        with suppress(ConnectionError):
            while chunk := connection.recv(65_536):
                received += chunk
    return [int(status) for status in _STATUS.findall(received)]

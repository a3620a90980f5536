"""Authorization headers of a forger: noise, damaged tokens, and tokens with something else inside.

The forger even has the key, so that what is wrong with the claims is reached behind the signature.
"""

import base64
import hashlib
import hmac
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SECRET = "q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe"
HEADER = {"alg": "HS256", "typ": "at+jwt"}
_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_JWK = {"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode()}

HOSTILE: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**53, 2**63, -(2**63), 10**300, 1.5, -0.0, 1e308),
    *(float("nan"), float("inf"), float("-inf")),
    *("", "0", "x" * 24, "a" * 24, "A" * 24, "9" * 30, "1e999", "nan", "\x00", "\ud800", "٣" * 24),
    *("fivefold", "fivefold\n", ["fivefold"], ["fivefold", "x"], [], {}, {"$ne": None}, [[[]]]),
    *("none", "None", "nOnE", "HS384", "HS512", "hs256", "HS256 ", "RS256", "ES256", ["HS256"]),
    *(_JWK, "http://forger.example/keys", "../../dev/null"),
]

KEYED = {"claim", "deep", "header"}
"""The kinds that sign with the right key and change nothing that must not be: some are good."""


def claims() -> dict[str, Any]:
    """Return claims that are all as they should be."""
    now = int(time.time())
    return {
        "sub": "0123456789abcdef01234567",
        "jti": str(uuid.UUID("00000000-0000-4000-8000-000000000000")),
        "iat": now,
        "nbf": now,
        "exp": now + 3_600,
        "iss": "fivefold",
        "aud": "fivefold",
        "gen": 0,
    }


def sign(header: bytes, payload: bytes, *, key: str = SECRET, hashed: str = "HS256") -> bytes:
    """Return a JWS of any two byte strings."""
    signed = _b64(header) + b"." + _b64(payload)
    mac = hmac.new(key.encode(), signed, _HASHES[hashed]).digest()
    return signed + b"." + _b64(mac)


def token(header: Mapping[str, Any], payload: Any, *, key: str = SECRET) -> bytes:
    """Return a JWS with this header and this payload."""
    hashed = header.get("alg")
    known = hashed if isinstance(hashed, str) and hashed in _HASHES else "HS256"
    return sign(_json(header), _json(payload), key=key, hashed=known)


class Forger:
    """Draws headers, the same ones for the same seed; ``good`` is the token that it damages."""

    def __init__(self, seed: int, good: bytes) -> None:
        self._chance = random.Random(seed)
        self._good = good
        # Those that are cheap to make and to refuse take two turns in a round.
        cheap = [self._noise, self._changed, self._cut, self._spelled]
        self._kinds: list[Callable[[], bytes]] = [
            *(2 * cheap),
            self._header,
            self._claim,
            self._deep,
            self._no_object,
        ]

    def headers(self, count: int) -> Iterator[tuple[str, bytes]]:
        """Yield the kind and the value of the Authorization header; all kinds take turns."""
        for number in range(count):
            kind = self._kinds[number % len(self._kinds)]
            value = kind()
            scheme = b"" if kind == self._spelled else self._chance.choice([b"", *4 * [b"Bearer "]])
            yield kind.__name__.strip("_"), scheme + value

    def _noise(self) -> bytes:
        text = self._chance.choices("aA0.=-_ \t,;\"'%\x00\x7fé", k=self._chance.randrange(0, 80))
        size = self._chance.choice([4_096, 4_097, 60_000])
        long = self._chance.choice([b"A", b".", b"[", b"=", b"\xff"]) * size
        noise = self._chance.randbytes(self._chance.randrange(0, 200))
        return self._chance.choice([noise, "".join(text).encode("latin-1"), long])

    def _changed(self) -> bytes:
        text = bytearray(self._good)
        for _ in range(self._chance.choice([1, 1, 1, 2, 5])):
            at = self._chance.randrange(len(text))
            text[at : at + self._chance.randrange(2)] = self._chance.randbytes(1)
        return bytes(text)

    def _cut(self) -> bytes:
        parts, at = self._good.split(b"."), self._chance.randrange(1, len(self._good))
        some = b".".join(self._chance.choices(parts, k=self._chance.randrange(6)))
        return self._chance.choice([self._good[:at], self._good[at:], some])

    def _header(self) -> bytes:
        names = ["alg", "typ", "b64", "crit", "kid", "zip", "cty", "x5c", "jwk", "jku"]
        name = self._chance.choice(names)
        key = self._chance.choice([SECRET, SECRET, "", "k" * 32])
        forged = token(HEADER | {name: self._chance.choice(HOSTILE)}, claims(), key=key)
        return self._chance.choice([forged, forged, forged.rsplit(b".", 1)[0] + b"."])

    def _claim(self) -> bytes:
        """Sign claims of which some are something else, missing, or there twice."""
        changed = claims()
        names = self._chance.sample(sorted(changed), self._chance.choice([1, 1, 2, 8]))
        for name in names:
            changed[name] = self._chance.choice(HOSTILE)
            if self._chance.random() < 0.2:
                del changed[name]
        twice = _json(claims())[:-1] + b"," + _json(changed)[1:]
        return sign(_json(HEADER), self._chance.choice([_json(changed), twice]))

    def _deep(self) -> bytes:
        depth = self._chance.randrange(1, 1_400)
        deep = self._chance.choice([b"[" * depth + b"]" * depth, b"[" * depth, b'{"a":' * depth])
        inside = self._chance.choice([deep, _json(claims())[:-1] + b',"x":' + deep + b"}"])
        return sign(self._chance.choice([_json(HEADER), deep]), inside)

    def _no_object(self) -> bytes:
        parts = [_json(self._chance.choice(HOSTILE)), self._chance.randbytes(30), b""]
        return sign(self._chance.choice([_json(HEADER), *parts]), self._chance.choice(parts))

    def _spelled(self) -> bytes:
        scheme = self._chance.choice(
            [b"", b"Bearer", b"bearer ", b"BEARER  ", b"Bearer\t", b"Basic ", b"Token ", b"Bearer,"]
        )
        ends = self._chance.choice([b"", b" ", b" x", b",", b"\x0b", b"\xa0", b"="])
        return scheme + self._chance.choice([self._good, b"", b"x"]) + ends


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")

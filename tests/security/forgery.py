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
]
ALGORITHMS: list[Any] = [
    *("none", "None", "NONE", "nOnE", "", "HS384", "HS512", "hs256", "HS256 ", "RS256", "ES256"),
    *("EdDSA", "PS512", None, 0, True, [], ["HS256"], {"HS256": 1}),
]

KEYED = {"claim", "twice", "deep", "extra_header"}
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
        # Those that are cheap to make and to refuse take three turns in a round.
        cheap = [self._noise, self._text, self._changed_text, self._cut, self._spelled]
        self._kinds: list[Callable[[], bytes]] = [
            *(3 * cheap),
            self._flipped_bit,
            self._algorithm,
            self._foreign_key,
            self._claim,
            self._missing,
            self._twice,
            self._deep,
            self._no_object,
            self._extra_header,
            self._wrong_header,
            self._long,
        ]

    def headers(self, count: int) -> Iterator[tuple[str, bytes]]:
        """Yield the kind and the value of the Authorization header; all kinds take turns."""
        for number in range(count):
            kind = self._kinds[number % len(self._kinds)]
            value = kind()
            if kind not in {self._noise, self._spelled}:
                value = b"Bearer " + value
            yield kind.__name__.strip("_"), value

    def _noise(self) -> bytes:
        return self._chance.randbytes(self._chance.randrange(0, 200))

    def _text(self) -> bytes:
        text = self._chance.choices("aA0.=-_ \t,;\"'%\x00\x7fé", k=self._chance.randrange(0, 80))
        return "".join(text).encode("latin-1")

    def _flipped_bit(self) -> bytes:
        parts = [bytearray(_decode(part)) for part in self._good.split(b".")]
        part = self._chance.choice(parts)
        part[self._chance.randrange(len(part))] ^= 1 << self._chance.randrange(8)
        return b".".join(_b64(bytes(part)) for part in parts)

    def _changed_text(self) -> bytes:
        text = bytearray(self._good)
        for _ in range(self._chance.choice([1, 1, 1, 2, 5])):
            at = self._chance.randrange(len(text))
            text[at : at + self._chance.randrange(2)] = self._chance.randbytes(1)
        return bytes(text)

    def _cut(self) -> bytes:
        parts = self._good.split(b".")
        whole = self._good
        return self._chance.choice(
            [
                whole[: self._chance.randrange(len(whole))],
                whole[self._chance.randrange(1, len(whole)) :],
                b".".join(self._chance.choices(parts, k=self._chance.randrange(6))),
                parts[0] + b"." + parts[1] + b".",
                whole + b"." + parts[2],
            ]
        )

    def _algorithm(self) -> bytes:
        header = HEADER | {"alg": self._chance.choice(ALGORITHMS)}
        if self._chance.random() < 0.5:
            header |= {"jwk": _JWK, "jku": "http://forger.example/keys", "kid": "../../dev/null"}
        forged = token(header, claims(), key=self._chance.choice([SECRET, "", "k" * 32]))
        return self._chance.choice([forged, forged.rsplit(b".", 1)[0] + b"."])

    def _foreign_key(self) -> bytes:
        return token(HEADER, claims(), key=self._chance.randbytes(24).hex())

    def _claim(self) -> bytes:
        changed = claims()
        for name in self._chance.sample(sorted(changed), self._chance.choice([1, 1, 2, 8])):
            changed[name] = self._chance.choice(HOSTILE)
        return token(HEADER, changed)

    def _missing(self) -> bytes:
        some = claims()
        for name in self._chance.sample(sorted(some), self._chance.randrange(1, 9)):
            del some[name]
        return token(HEADER, some)

    def _twice(self) -> bytes:
        name, value = self._chance.choice(sorted(claims())), self._chance.choice(HOSTILE)
        twice = _json(claims())[:-1] + b"," + _json({name: value})[1:]
        return sign(_json(HEADER), twice)

    def _deep(self) -> bytes:
        depth = self._chance.randrange(1, 1_400)
        deep = self._chance.choice([b"[" * depth + b"]" * depth, b"[" * depth, b'{"a":' * depth])
        inside = self._chance.choice([deep, _json(claims())[:-1] + b',"x":' + deep + b"}"])
        header = self._chance.choice([_json(HEADER), deep])
        return sign(header, inside)

    def _no_object(self) -> bytes:
        parts = [_json(self._chance.choice(HOSTILE)), self._chance.randbytes(30), b""]
        return sign(self._chance.choice([_json(HEADER), *parts]), self._chance.choice(parts))

    def _extra_header(self) -> bytes:
        name = self._chance.choice(["b64", "crit", "kid", "zip", "cty", "x5c", "jwk", "jku"])
        return token(HEADER | {name: self._chance.choice([*HOSTILE, _JWK])}, claims())

    def _wrong_header(self) -> bytes:
        name = self._chance.choice(["typ", "alg"])
        return token(HEADER | {name: self._chance.choice([*HOSTILE, *ALGORITHMS])}, claims())

    def _spelled(self) -> bytes:
        scheme = self._chance.choice(
            [b"", b"Bearer", b"bearer ", b"BEARER  ", b"Bearer\t", b"Basic ", b"Token ", b"Bearer,"]
        )
        ends = self._chance.choice([b"", b" ", b" x", b",", b"\x0b", b"\xa0", b"="])
        return scheme + self._chance.choice([self._good, b"", b"x"]) + ends

    def _long(self) -> bytes:
        size = self._chance.choice([4_000, 4_096, 4_097, 20_000, 60_000])
        return self._chance.choice([b"A", b".", b"[", b"=", b"\xff"]) * size


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decode(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))

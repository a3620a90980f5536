"""What of a header is a secret, and that no form of it is left in a text."""

import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.comparison.targets.masking import Masking, secrets_in

PRINTED = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])
WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON of PHP": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON of Go": lambda text: json.dumps(text).replace("<", "\\u003c").replace("&", "\\u0026"),
    "address": lambda text: quote(text, safe=""),
    "address in small letters": lambda text: re.sub(
        "%..", lambda found: found[0].lower(), quote(text, safe="")
    ),
    "form": quote_plus,
    "HTML": html.escape,
}


@pytest.mark.parametrize("form", WRITTEN)
@settings(deadline=None)
@given(secret=st.text(PRINTED, min_size=6))
def test_no_form_of_a_secret_is_left(form: str, secret: str) -> None:
    written = WRITTEN[form](secret)

    # Between what no secret holds: one may be a word of the text around it.
    masked = Masking([secret]).text(f"\n{written}\n")

    assert re.fullmatch(r'\n[\\"]*\*\*\*[\\"]*\n', masked)


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        ("X-Sec: plainsecret77", {"plainsecret77"}),
        ("X-Sec: plain secret77", {"plain secret77", "secret77"}),
        ("X-Id: id=1234567", {"id=1234567", "1234567"}),
        ("X-Version: 2", set()),
        ("X-Tier: gold", set()),
        ("X-Api-Key: gold", {"gold"}),
        ("Cookie: a=1; sid=1234567", {"a=1; sid=1234567", "sid=1234567", "1234567"}),
        ("Accept: application/json", set()),
        ("Accept-Language: de-DE,de;q=0.9", set()),
        ("Content-Type: application/json; charset=utf-8", set()),
        ("User-Agent: Mozilla/5.0 (X11)", set()),
        ("Authorization: Bearer abc", {"Bearer abc", "abc"}),
        ("Authorization: Basic bWU6cHc=", {"Basic bWU6cHc=", "bWU6cHc=", "me:pw", "me", "pw"}),
        ("Authorization: Basic no-base64", {"Basic no-base64", "no-base64"}),
    ],
)
def test_what_of_a_header_is_a_secret(header: str, secrets: set[str]) -> None:
    name, _, value = header.partition(": ")

    assert set(secrets_in({name: value})) == secrets


def test_what_was_filled_in_is_a_secret_whatever_its_header_is_called() -> None:
    assert set(secrets_in({"X-Tier": "gold", "Accept": "a/b"}, known=True)) == {"gold", "a/b"}


def test_a_short_secret_is_masked_as_a_whole_word_only() -> None:
    masking = Masking(["pw", "me", "me:pw"])

    assert masking.text('{"password": "pw", "power": "me:pw"}') == (
        '{"password": "***", "power": "***"}'
    )
    assert masking.text("some pwned") == "some pwned"

"""Requests from the command line: what is sent, and what is left out."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.targets.given import curl_of, har_of, headers_of, requests_of
from benchmarks.comparison.targets.masking import secrets_in
from benchmarks.storage.usage import UsageError


def test_each_request_that_sends_a_body_takes_the_next_one(tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text('{"item": 7}')

    first, second, third = requests_of(
        ["POST /orders", "get /orders", "PUT /orders/1"], [f"@{file}", "a=b"]
    )

    assert (first.method, first.path, first.body) == ("POST", "/orders", b'{"item": 7}')
    assert first.headers == {"Content-Type": "application/json"}
    assert (second.method, second.body) == ("GET", b"")
    assert (third.body, third.headers) == (b"a=b", {})


@pytest.mark.parametrize(
    ("requests", "bodies", "complaint"),
    [
        (["POST"], [], "takes METHOD /PATH"),
        (["POST orders"], [], "takes METHOD /PATH"),
        (["POST /a", "POST /b"], ["{}"], "1 --body for 2 --request"),
        ([], ["{}"], "1 --body for 0 --request"),
        (["POST /a"], ["@nowhere.json"], "nowhere.json: No such file"),
    ],
)
def test_requests_and_bodies_that_do_not_go_together_are_refused(
    requests: list[str], bodies: list[str], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        requests_of(requests, bodies)


def test_a_header_is_filled_from_the_environment_or_a_file_and_known_as_a_secret(
    tmp_path: Path,
) -> None:
    file = tmp_path / "cookie"
    file.write_text("sid=abcdef; a=1\n")

    headers, secrets = headers_of(
        [
            "Authorization: Bearer ${TOKEN}",
            f"Cookie: @{file}",
            "Accept: text/html",
            "X-Tenant: ${TENANT}",
            "X-Api-Key: typed-here",
            "X-Pair: ${TENANT}+${TOKEN}",
        ],
        {"TOKEN": "hunter2", "TENANT": "acme"},
    )

    assert headers == {
        "Authorization": "Bearer hunter2",
        "Cookie": "sid=abcdef; a=1",
        "Accept": "text/html",
        "X-Tenant": "acme",
        "X-Api-Key": "typed-here",
        "X-Pair": "acme+hunter2",
    }
    # Each variable is one also where a header has more than it.
    assert {"Bearer hunter2", "hunter2", "acme", "acme+hunter2"} <= set(secrets)
    assert {"sid=abcdef; a=1", "sid=abcdef", "abcdef", "typed-here"} <= set(secrets)
    assert not {"text/html", "Bearer", "a=1", "1"} & set(secrets)


def curl(*words: str) -> Any:
    return curl_of(shlex.join(["curl", *words]))


def test_a_command_of_curl_as_a_browser_copies_it_is_the_same_request() -> None:
    step = curl_of(
        "curl 'https://shop.example/api/items?page=2' \\\n  -H 'accept: application/json' \\\n"
        "  -H 'accept-encoding: gzip, deflate, br, zstd' -H 'if-none-match: \"x\"' \\\n"
        "  -b 'sid=abc' --data-raw '{\"a\":1}' -H 'content-type: application/json' --compressed"
    )

    assert (step.method, step.path, step.body) == ("POST", "/api/items?page=2", b'{"a":1}')
    assert step.headers == {
        "accept": "application/json",
        "accept-encoding": "gzip, deflate",
        "content-type": "application/json",
        "Cookie": "sid=abc",
    }


def test_options_of_curl_say_method_body_and_who_asks() -> None:
    assert curl("http://x/", "-X", "DELETE").method == "DELETE"
    assert curl("http://x/", "-H", "Accept-Encoding: br").headers == {"Accept-Encoding": "identity"}
    # Without the word itself, or without a scheme.
    assert curl_of("http://x/a").path == curl("x.example/a").path == "/a"
    form = curl("http://x/", "-d", "a=1", "--data-raw", "@b")
    assert (form.method, form.body) == ("POST", b"a=1&@b")
    assert form.headers == {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("curl", "names no address"),
        ("curl http://x/ -F file=@x", "use --request"),
        ("curl 'http://x/", "No closing quotation"),
        ("curl 'http://[::1/'", "its address is not http"),
        ("curl http://x/ -d @nowhere", "No such file"),
    ],
)
def test_what_of_curl_cannot_be_done_is_refused(command: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        curl_of(command)


def recorded(url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    headers = [
        {"name": ":method", "value": "GET"},
        {"name": "Accept", "value": "*/*"},
        {"name": "Cookie", "value": "sid=abc"},
        {"name": "Authorization", "value": "Bearer abc"},
        {"name": "X-CSRF-Token", "value": "abc"},
        {"name": "Host", "value": "shop.example"},
    ]
    return {"request": {"method": method, "url": url, "headers": headers, **more}}


def archive(tmp_path: Path, *entries: dict[str, Any]) -> Path:
    path = tmp_path / "visit.har"
    path.write_text(json.dumps({"log": {"entries": entries}}))
    return path


def test_a_recording_gives_its_requests_of_one_origin_without_secrets(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        recorded("https://shop.example/"),
        recorded("https://cdn.example/app.js"),
        recorded("https://shop.example/api?page=1&access_token=abc"),
        recorded("https://shop.example/cart", "POST", postData={"text": "{}"}),
        recorded("https://shop.example/f", "POST", postData={"params": [{"name": "a"}]}),
    )

    steps = har_of(path)

    assert [(step.method, step.path, step.body) for step in steps] == [
        ("GET", "/", b""),
        ("GET", "/api?page=1", b""),
        ("POST", "/cart", b"{}"),
        ("POST", "/f", b"a="),
    ]
    assert [dict(step.headers) for step in steps] == [{"Accept": "*/*"}] * 4
    named = har_of(path, ["cookie", "access_token"])
    assert named[1].path == "/api?page=1&access_token=abc"
    assert named[0].headers == {"Accept": "*/*", "Cookie": "sid=abc"}
    assert set(secrets_in(named[0].headers)) == {"sid=abc"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"log": {"entries": []}}', '{"log": 3}'])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "visit.har"
    path.write_text(text)

    with pytest.raises(UsageError, match="is no HTTP archive"):
        har_of(path)

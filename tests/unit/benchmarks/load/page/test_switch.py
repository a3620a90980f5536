from collections.abc import Iterator

import pytest

from benchmarks.load.page.switch import CacheFlag, Switch
from tests.unit.benchmarks.load.page.operator import Operator, operating


@pytest.fixture
def operator() -> Iterator[Operator]:
    with operating() as made:
        yield made


@pytest.fixture
def switch(operator: Operator) -> Switch:
    return Switch(lambda: operator.url, "secret")


def test_the_state_is_what_the_service_answers_and_a_flip_is_put_as_the_operator(
    switch: Switch, operator: Operator
) -> None:
    read = switch.read()
    operator.answer = {"state": "off", "epoch": 4}
    flipped = switch.flip(enabled=False)

    assert read == CacheFlag(usable=True, enabled=True, state="on", epoch=3)
    assert flipped == CacheFlag(usable=True, enabled=False, state="off", epoch=4)
    assert operator.asked == [
        ("GET", "/admin/cache", "Bearer secret", None),
        ("PUT", "/admin/cache", "Bearer secret", {"enabled": False}),
    ]


@pytest.mark.parametrize(
    ("state", "enabled"),
    [("on", True), ("arming", True), ("fenced", True), ("off", False), ("absent", False)],
)
def test_a_fenced_cache_is_switched_on_and_only_cannot_be_used(
    switch: Switch, operator: Operator, state: str, *, enabled: bool
) -> None:
    operator.answer = {"state": state, "epoch": 1}

    assert switch.read().enabled is enabled


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "FIVEFOLD_ADMIN_TOKEN is not its ADMIN_TOKEN"),
        (404, "started without ADMIN_TOKEN"),
        (503, "cannot reach its database"),
        (409, "409: This process was started with CACHE_ENABLED=false"),
    ],
)
def test_a_refusal_is_told_in_words(
    switch: Switch, operator: Operator, status: int, words: str
) -> None:
    operator.status = status
    operator.answer = {"detail": "This process was started with CACHE_ENABLED=false"}

    flag = switch.read()

    assert words in flag.message
    assert (flag.enabled, flag.usable) == (None, True)


@pytest.mark.parametrize("answer", [["on"], {"state": 1}, {}, "on"])
def test_what_is_no_state_is_said_to_be_none(
    switch: Switch, operator: Operator, answer: object
) -> None:
    operator.answer = answer

    assert "answered 200" in switch.read().message


def test_without_a_token_or_a_cached_service_it_names_what_is_missing_and_asks_nobody(
    operator: Operator,
) -> None:
    no_token = Switch(lambda: operator.url, None).read()
    no_service = Switch(lambda: None, "secret").flip(enabled=True)

    assert not no_token.usable
    assert "FIVEFOLD_ADMIN_TOKEN" in no_token.message
    assert not no_service.usable
    assert "--cached" in no_service.message
    assert operator.asked == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_a_service_that_does_not_answer_is_an_answer_too(url: str) -> None:
    flag = Switch(lambda: url, "secret").read()

    assert "No answer from the cached service" in flag.message
    assert flag.usable

"""The flag of the Redis layer: asked, flipped, and marked."""

from typing import Any

import pytest

from benchmarks.load.page.flag import Annotations, Flip, Switch
from tests.unit.benchmarks.load.page.conftest import AdminService

DETAIL = "This process was started with CACHE_ENABLED=false"


@pytest.fixture
def switch(admin: AdminService) -> Switch:
    return Switch(admin.url, "secret")


@pytest.mark.parametrize(
    ("status", "body", "enabled", "words"),
    [
        # A fenced cache is switched on and only cannot be used.
        *((200, {"state": state, "epoch": 1}, True, "") for state in ("arming", "fenced")),
        (200, {"state": "absent", "epoch": 1}, False, ""),
        (401, {}, None, "FIVEFOLD_ADMIN_TOKEN is not its ADMIN_TOKEN"),
        (404, {}, None, "started without ADMIN_TOKEN"),
        (503, {}, None, "cannot reach its database"),
        (409, {"detail": DETAIL}, None, f"409: {DETAIL}"),
        *((200, body, None, "answered 200") for body in (["on"], {"state": 1}, {}, b"on")),
    ],
)
def test_every_answer_is_a_state_or_why_there_is_none(
    switch: Switch, admin: AdminService, *, status: int, body: Any, enabled: bool | None, words: str
) -> None:
    admin.status, admin.body = status, body

    flag = switch.read()

    assert (flag.enabled, flag.usable) == (enabled, True)
    assert words in flag.message
    assert bool(flag.message) == bool(words)


@pytest.mark.parametrize(
    ("url", "token", "usable", "words"),
    [
        ("http://127.0.0.1:1", None, False, "FIVEFOLD_ADMIN_TOKEN"),
        (None, "secret", False, "--cached"),
        ("http://127.0.0.1:1", "secret", True, "No answer from the cached service"),
        ("https://127.0.0.1:1", "secret", True, "No answer from the cached service"),
    ],
)
def test_what_is_missing_is_named_and_a_service_that_does_not_answer_is_asked_again(
    url: str | None, token: str | None, words: str, *, usable: bool
) -> None:
    flag = Switch(url, token).flip(enabled=True)

    assert (flag.usable, flag.enabled) == (usable, None)
    assert words in flag.message


@pytest.mark.parametrize(
    ("seen", "flips"),
    [
        ([(0.0, True), (12.5, False), (13.5, False)], [Flip(12.5, False, 12.5)]),
        ([(0.0, True), (None, False), (3.0, False)], []),
    ],
    ids=["whoever made it", "nothing between two runs"],
)
def test_a_change_of_the_flag_is_a_flip(
    seen: list[tuple[float | None, bool]], flips: list[Flip]
) -> None:
    clock = [seen[0][0]]
    annotations = Annotations(lambda: clock[0])
    for clock[0], enabled in seen:
        annotations.see(enabled=enabled)

    assert annotations.flips == flips


def test_a_flip_is_marked_when_it_was_asked_for_compared_after_it_was_done_and_forgotten() -> None:
    annotations = Annotations(lambda: 21.2)
    annotations.see(enabled=True)
    every_second = annotations.pairs_from
    annotations.see(enabled=False, asked=19.9)

    assert annotations.flips == [Flip(19.9, False, 21.2)]
    assert (every_second, annotations.pairs_from) == (0, 22)
    annotations.begin()
    assert (annotations.flips, annotations.pairs_from, annotations.generation) == ([], 0, 1)


def test_a_load_lasts_from_its_start_or_reset_to_its_end_and_until_then_it_has_no_length() -> None:
    clock: list[float | None] = [None]
    annotations = Annotations(lambda: clock[0])
    lengths = []
    for now_s, happens in (
        (None, annotations.begin),
        (30.5, annotations.end),
        (None, annotations.begin),
        (10.0, annotations.begin),
        (30.5, annotations.end),
        (None, annotations.end),
    ):
        clock[0] = now_s
        happens()
        lengths.append(annotations.seconds)

    assert lengths == [None, 30.5, None, None, 20.5, None]

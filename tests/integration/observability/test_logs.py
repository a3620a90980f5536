"""The log of real services: one JSON object a line, and nobody's secrets in it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.api_client import PASSWORD
from tests.integration.observability.conftest import ADMIN_TOKEN, ObservedService
from tests.integration.observability.promql import ROOT

PAGE = ROOT / "docs/observability.md"


def lines(log: Path) -> list[dict[str, Any]]:
    # Python remarks upon a module that is run and was loaded before, which is the tests' doing.
    own = [line for line in log.read_text().splitlines() if not line.startswith("<frozen runpy>")]
    return [json.loads(line) for line in own]


def requests(log: Path) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["event"] == "request"]


@pytest.fixture(params=["service-cached", "service-uncached"])
def service(request: pytest.FixtureRequest, watched: dict[str, ObservedService]) -> ObservedService:
    return watched[request.param]


def test_every_line_says_when_how_grave_and_what(service: ObservedService) -> None:
    found = lines(service.log)

    assert "Application startup complete." in {line["event"] for line in found}
    assert [line for line in found if not {"timestamp", "level", "event"} <= set(line)] == []


def test_a_request_is_told_with_its_route_its_outcome_and_its_id(service: ObservedService) -> None:
    [told] = [line for line in requests(service.log) if line["request_id"] == "walk-1"]

    assert (told["method"], told["route"], told["status"]) == ("GET", "/todo/{todo_id}", 200)
    assert told["duration_ms"] > 0
    assert set(told["slots"]) == {"user", "todos"}
    assert told["level"] == "debug"


def test_no_two_requests_have_one_id_and_none_has_a_bad_one(service: ObservedService) -> None:
    ids = [line["request_id"] for line in requests(service.log)]

    assert len(ids) > 5
    assert len(set(ids)) == len(ids)
    assert not any("sane" in one for one in ids)


def test_the_log_names_nobody_and_no_secret(service: ObservedService) -> None:
    said = service.log.read_text()
    person, [token] = service.person, service.tokens

    assert token
    for secret in (*person.values(), PASSWORD, "a wrong guess", token, ADMIN_TOKEN, "/nowhere"):
        assert secret not in said


def test_the_page_lists_the_fields_of_a_request(watched: dict[str, ObservedService]) -> None:
    table = PAGE.read_text().partition("| field | meaning |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"`(\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE)))
    found = {field for one in watched.values() for line in lines(one.log) for field in line}

    assert found <= documented
    # These two come where there is a trace, and where something broke.
    assert documented - found == {"trace_id", "exception"}

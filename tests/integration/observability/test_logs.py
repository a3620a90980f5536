"""The log of real services: one JSON object a line, with the fields that the page lists."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.integration.observability.conftest import ObservedService
from tests.integration.observability.promql import ROOT

PAGE = ROOT / "docs/observability.md"


def lines(log: Path) -> list[dict[str, Any]]:
    # Python remarks upon a module that is run and was loaded before, which is the tests' doing.
    own = [line for line in log.read_text().splitlines() if not line.startswith("<frozen runpy>")]
    return [json.loads(line) for line in own]


@pytest.fixture(params=["service-cached", "service-uncached"])
def service(request: pytest.FixtureRequest, watched: dict[str, ObservedService]) -> ObservedService:
    return watched[request.param]


def test_every_line_says_when_how_grave_and_what(service: ObservedService) -> None:
    found = lines(service.log)

    assert "Application startup complete." in {line["event"] for line in found}
    assert [line for line in found if not {"timestamp", "level", "event"} <= set(line)] == []


def test_the_page_lists_the_fields_of_a_request(watched: dict[str, ObservedService]) -> None:
    table = PAGE.read_text().partition("| field | meaning |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"`(\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE)))
    found = {field for one in watched.values() for line in lines(one.log) for field in line}

    assert found <= documented
    # These two come where there is a trace, and where something broke.
    assert documented - found == {"trace_id", "exception"}

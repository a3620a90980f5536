"""Requests made from the schema, right ones and wrong ones: every check holds in both variants."""

import json
import logging
from pathlib import Path

import pytest

from tests.e2e.api_client import Api, sign_up
from tests.security.conftest import VARIANTS, Variant
from tests.security.fuzzing import DEADLINE_S, MIN_CASES, PROFILE, SEED, fuzz

pytestmark = pytest.mark.timeout(2 * DEADLINE_S)

log = logging.getLogger(__name__)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_operation_does_what_the_schema_says_whatever_it_is_sent(
    running: Variant, variant: str, tmp_path: Path
) -> None:
    url = running(variant).url
    schema = Api(url).get("/openapi.json").json()
    operations = {
        f"{method.upper()} {path}" for path, item in schema["paths"].items() for method in item
    }

    report = fuzz(url, config="schemathesis.toml", folder=tmp_path / "fuzzed", arguments=PROFILE)

    log.info("%s: seed %d, %d cases, %s", variant, SEED, report.generated, dict(report.cases))
    assert report.passed, report.output
    assert operations <= set(report.cases), report.output
    assert report.generated >= MIN_CASES, report.output


@pytest.mark.parametrize("variant", VARIANTS)
def test_nobody_gets_what_somebody_else_owns(
    running: Variant, variant: str, tmp_path: Path
) -> None:
    url = running(variant).url
    peers = tmp_path / "peers.json"
    peers.write_text(json.dumps({"auth": [_peer(name, sign_up(url)) for name in ("ann", "bob")]}))

    report = fuzz(
        url,
        config="peers.toml",
        folder=tmp_path / "fuzzed",
        arguments=[
            *("--checks", "object_level_authorization", "--include-path-regex", "^/todo"),
            # Wrong inputs, which the coverage phase enumerates, say nothing of whose a todo is.
            *("--max-examples", "5", "--phases", "fuzzing,stateful"),
        ],
        FUZZED_PEERS=str(peers),
    )

    assert report.passed, report.output
    assert report.cases["GET /todo/{todo_id}"] > 0


def _peer(name: str, token: str) -> dict[str, object]:
    headers = [{"name": "Authorization", "value": f"Bearer {token}"}]
    return {"name": name, "fixedHeaders": headers}

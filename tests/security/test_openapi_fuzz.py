"""Requests made from the schema, right ones and wrong ones: every check holds in both variants."""

import json
import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.api_client import Api
from tests.security.conftest import VARIANTS, Variant
from tests.security.fuzzing import LONG, SEED

ROOT = Path(__file__).parents[2]
# In a long run: 500 examples of every operation, or as many as this time allows.
LONG_S = int(os.environ.get("FUZZ_SECONDS", "280"))
PROFILE = ["--max-examples", "500", "--max-time", str(LONG_S)] if LONG else []
# No measure: nothing but a run that hangs takes as long.
DEADLINE_S = LONG_S + 600.0 if LONG else 600.0
MIN_CASES = 500

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

    ran = _fuzz(url, tmp_path)

    output = ran.stdout + ran.stderr
    assert ran.returncode == 0, output
    cases = _cases(tmp_path / "events.ndjson")
    log.info("%s: seed %d, %d cases, %s", variant, SEED, cases.total(), dict(cases))
    assert operations <= cases.keys(), output
    assert cases.total() >= MIN_CASES, output


def _fuzz(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run schemathesis, as a process of its own; raises when it takes long."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("st")),
            *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
            *("run", f"{url}/openapi.json", "--seed", str(SEED), "--no-color"),
            *("--generation-database", "none"),
            *("--report-ndjson-path", str(folder / "events.ndjson"), *PROFILE),
        ],
        # It leaves a cache behind where it runs.
        cwd=folder,
        env=os.environ
        # What Hypothesis knows of Unicode takes seconds to find out anew.
        | {"HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis")}
        | {"PYTHONPATH": str(ROOT), "FUZZED_URL": url},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def _cases(events: Path) -> Counter[str]:
    """Return how many requests each operation got."""
    finished = (
        json.loads(line).get("ScenarioFinished") for line in events.read_text().splitlines()
    )
    return Counter(
        f"{case['value']['method']} {case['value']['path']}"
        for scenario in finished
        if scenario
        for case in scenario["recorder"].get("cases", {}).values()
    )

"""Run schemathesis, as a process of its own, against a service."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = ROOT / "tests" / "security"
SEED = 20_260_131
ADMIN_TOKEN = "the-operator's-token-of-these-tests"
LONG = os.environ.get("FUZZ_PROFILE") == "long"
# In a long run: 500 examples of every operation, or as many as this time allows.
LONG_S = int(os.environ.get("FUZZ_SECONDS", "280"))
# No measure: nothing but a run that hangs takes as long.
DEADLINE_S = LONG_S + 600.0 if LONG else 600.0
PROFILE = ["--max-examples", "500", "--max-time", str(LONG_S)] if LONG else []
MIN_CASES = 500


@dataclass(frozen=True)
class Report:
    """What schemathesis found.

    ``cases`` counts by operation. ``output`` is for people, and names the seed.
    """

    passed: bool
    generated: int
    output: str
    cases: Counter[str]


def fuzz(url: str, *, config: str, folder: Path, arguments: list[str], **environ: str) -> Report:
    """Run ``st run`` with one of the configurations beside this file; raises when it takes long."""
    folder.mkdir()
    ran = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(HERE / config)),
            *("run", f"{url}/openapi.json", "--seed", str(SEED), "--no-color"),
            *("--generation-database", "none", "--report-json-path", str(folder / "run.json")),
            *("--report-ndjson-path", str(folder / "events.ndjson"), *arguments),
        ],
        # It leaves a cache behind where it runs.
        cwd=folder,
        env=os.environ
        # What Hypothesis knows of Unicode takes seconds to find out anew.
        | {"HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis")}
        | {"PYTHONPATH": str(ROOT), "FUZZED_URL": url}
        | environ,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    output = ran.stdout + ran.stderr
    assert (folder / "run.json").exists(), output
    run = json.loads((folder / "run.json").read_text())
    generated = run["test_cases"]["generated"]
    return Report(ran.returncode == 0, generated, output, _cases(folder / "events.ndjson"))


def _cases(events: Path) -> Counter[str]:
    finished = (
        json.loads(line).get("ScenarioFinished") for line in events.read_text().splitlines()
    )
    return Counter(
        f"{case['value']['method']} {case['value']['path']}"
        for scenario in finished
        if scenario
        for case in scenario["recorder"].get("cases", {}).values()
    )

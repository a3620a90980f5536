"""Run schemathesis, as a process of its own, against a service."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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

    ``verdict`` holds the outcome of each phase and the failures by kind with their operations;
    ``cases`` counts by operation; ``coverage`` has the statuses that each enumerated case of
    the coverage phase was answered with. ``output`` is for people, and names the seed.
    """

    passed: bool
    verdict: Mapping[str, Any]
    generated: int
    output: str
    cases: Counter[str] = field(default_factory=Counter)
    coverage: Mapping[str, set[int]] = field(default_factory=dict)


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
    report = Report(
        passed=ran.returncode == 0,
        verdict={name: run[name] for name in ("phases", "failures", "errors")},
        generated=run["test_cases"]["generated"],
        output=output,
        coverage=defaultdict(set),
    )
    for scenario in _scenarios(folder / "events.ndjson"):
        _count(scenario, report)
    return report


def _scenarios(events: Path) -> Iterator[dict[str, Any]]:
    with events.open() as lines:
        for line in lines:
            event = json.loads(line)
            if "ScenarioFinished" in event:
                yield event["ScenarioFinished"]


def _count(scenario: dict[str, Any], report: Report) -> None:
    recorder = scenario["recorder"]
    for number, recorded in recorder.get("cases", {}).items():
        case = recorded["value"]
        answer = recorder["interactions"].get(number, {}).get("response")
        operation = f"{case['method']} {case['path']}"
        report.cases[operation] += 1
        # A probe of a check is a case as well, without a word on how it was made.
        if answer and scenario["phase"] == "coverage" and "meta" in case:
            what = case["meta"]["phase"]["data"].get("description")
            report.coverage[f"{operation}: {what}"].add(answer["status_code"])

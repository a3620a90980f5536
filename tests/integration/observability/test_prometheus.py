"""Debian's Prometheus reads the services, and every query and alert of ours runs on it."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx2
import pytest
import yaml

from benchmarks.stack.process import launch, probe_http
from tests import needs
from tests.e2e.api_client import Api
from tests.integration.observability.conftest import ExportedLoad, ObservedService
from tests.integration.observability.promql import ROOT, of_alerts, of_dashboard, of_page
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.waiting import until

FOLDER = ROOT / "deploy/prometheus"
HOST = "127.0.0.1"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "config", "prometheus.scale.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts.test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_accepts_it(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [needs.program("promtool"), *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout + done.stderr


def test_of_several_replicas_each_is_read_and_all_else_is_the_same() -> None:
    usual = (FOLDER / "prometheus.yml").read_text().replace("[service-cached]", "[service-replica]")
    scaled = (FOLDER / "prometheus.scale.yml").read_text()

    assert yaml.safe_load(scaled) == yaml.safe_load(usual)


def test_every_alert_has_been_seen_firing() -> None:
    tested = yaml.safe_load((FOLDER / "alerts.test.yml").read_text())["tests"]
    fired = {
        each["alertname"]
        for test in tested
        for each in test["alert_rule_test"]
        if each.get("exp_alerts")
    }

    # One that is not to fire at closings told twice is seen firing at many of them.
    assert fired == set(of_alerts())


def test_every_query_returns_something(watched: dict[str, ObservedService], tmp_path: Path) -> None:
    queries = of_dashboard() | of_page()
    with ExitStack() as exits:
        load = exits.enter_context(listening(handler_for(ExportedLoad())))
        url = exits.enter_context(_prometheus(tmp_path, watched, load.url.removeprefix("http://")))
        for service in watched.values():
            exits.enter_context(_under_load(service))
        for title, query in queries.items():
            until(partial(_answered, url, query), f"answer {title}: {query}")
        targets = _get(url, "targets")["activeTargets"]
        [group] = _get(url, "rules")["groups"]

    assert len(queries) > 30
    assert {target["labels"]["job"]: target["health"] for target in targets} == {
        "service-cached": "up",
        "service-uncached": "up",
        "locust": "up",
    }
    assert {rule["name"]: rule["health"] for rule in group["rules"]} == dict.fromkeys(
        of_alerts(), "ok"
    )


def _config(watched: dict[str, ObservedService], load: str) -> dict[str, Any]:
    """Return the project's configuration, but for where things are and how often it looks."""
    config: dict[str, Any] = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(FOLDER / name) for name in config["rule_files"]]
    for scrape in config["scrape_configs"]:
        scrape.pop("dns_sd_configs", None)
        service = watched.get(scrape["job_name"])
        target = service.url.removeprefix("http://") if service else load
        scrape["static_configs"] = [{"targets": [target]}]
    return config


@contextmanager
def _prometheus(folder: Path, watched: dict[str, ObservedService], load: str) -> Iterator[str]:
    program = needs.program("prometheus")
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(_config(watched, load)))

    def arguments(port: int) -> list[str]:
        return [
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={HOST}:{port}",
        ]

    process, port = launch(
        "prometheus",
        arguments=arguments,
        probe=probe_http("/-/ready", "Prometheus"),
        log=folder / "prometheus.log",
    )
    with process:
        yield f"http://{HOST}:{port}/api/v1"


@contextmanager
def _under_load(service: ObservedService) -> Iterator[None]:
    """Read, and now and then write, until the block ends."""
    stop = Event()

    def work() -> None:
        with Api(service.url, service.token) as api:
            while not stop.wait(0.05):
                api.post("/todo/", {"heading": "Milk", "task": ""})
                for _ in range(3):
                    api.get("/todo/")

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _answered(url: str, query: str) -> bool:
    answer = httpx2.get(f"{url}/query", params={"query": query}, verify=False).json()
    assert answer["status"] == "success", f"{query}: {answer}"
    # A division by nothing is an answer, and says nothing.
    return any(each["value"][1] != "NaN" for each in answer["data"]["result"])


def _get(url: str, what: str) -> dict[str, Any]:
    data: dict[str, Any] = httpx2.get(f"{url}/{what}", verify=False).json()["data"]
    return data

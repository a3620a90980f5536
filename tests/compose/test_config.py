"""What the compose files promise, as Compose itself reads them: no engine, no build, seconds."""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from service.config import Settings
from tests import needs
from tests.compose import config
from tests.compose.config import CLUSTER, ROOT, SCALE, Service
from tests.compose.engine import program

SETTINGS = {name.upper() for name in Settings.model_fields}
SECRETS = {"JWT_SECRET", "ADMIN_TOKEN", "JUPYTER_TOKEN", "GRAFANA_PASSWORD"}
# What the variant, not the person, decides.
FIXED = {"MONGODB_URL", "REDIS_URL", "MONGODB_DATABASE", "CACHE_ENABLED"}
# What ends when it has done its work.
ONCE = {"secrets", "setup", "addresses"}
# Each address that is published by default, with the port of the container and the variable that
# moves it.
PORTS = {
    "8000": ("8000", "CACHED"),
    "8001": ("8000", "UNCACHED"),
    "8089": ("8089", "LOCUST"),
    "8888": ("8888", "JUPYTER"),
    "3000": ("3000", "GRAFANA"),
    "9090": ("9090", "PROMETHEUS"),
}
ELSEWHERE = "some/where else"
CHANGED = {
    **{f"FIVEFOLD_{name}_PORT": f"1{port}" for port, (_, name) in PORTS.items()},
    "FIVEFOLD_REPORTS": f"./{ELSEWHERE}",
    **{name: f"changed-{name}" for name in SETTINGS | SECRETS},
}
Services = Mapping[str, Service]


@functools.cache
def found(*overrides: Path, changed: bool = False) -> Mapping[str, Any]:
    command = program() or (needs.program("docker-compose"),)
    return config.read(command, overrides, CHANGED if changed else {})


@pytest.fixture(
    params=[(), (SCALE,), (CLUSTER,)],
    ids=lambda overrides: "+".join(["compose", *(each.stem for each in overrides)]),
)
def overrides(request: pytest.FixtureRequest) -> tuple[Path, ...]:
    given: tuple[Path, ...] = request.param
    return given


@pytest.fixture
def services(overrides: tuple[Path, ...]) -> Services:
    """Return the services as they are when no variable is set."""
    default: Services = found(*overrides)["services"]
    return default


@pytest.fixture
def changed(overrides: tuple[Path, ...]) -> Services:
    """Return what there is where every variable was set to something else."""
    other: Services = found(*overrides, changed=True)["services"]
    return other


def test_ports_and_reports_are_where_they_were_asked_for_and_on_this_machine_alone(
    services: Services, changed: Services
) -> None:
    for there, prefix, reports in ((services, "", "reports"), (changed, "1", ELSEWHERE)):
        published = [port for service in there.values() for port in config.ports(service)]
        assert sorted(published) == sorted(
            ("127.0.0.1", f"{prefix}{port}", target) for port, (target, _) in PORTS.items()
        )
        # Jupyter says where it is.
        assert config.environment(there["notebooks"])["PUBLISHED_PORT"] == f"{prefix}8888"
        for name in ("compare", "notebooks"):
            assert f"{reports}:/app/reports:rw" in set(config.mounts(there[name]))


def test_what_is_asked_for_by_a_profile_starts_only_then(services: Services) -> None:
    assert {name: each["profiles"] for name, each in services.items() if "profiles" in each} == {
        "redis-measure": ["compare", "notebooks"],
        "compare": ["compare"],
        "notebooks": ["notebooks"],
        "prometheus": ["monitoring"],
        "grafana": ["monitoring"],
    }


def test_what_serves_is_confined_and_starts_when_the_database_was_set_up(
    services: Services,
) -> None:
    ours = {
        name: service
        for name, service in services.items()
        if service["image"].startswith("fivefold-") and service.get("user") != "root"
    }
    done = {"condition": "service_completed_successfully"}
    waiting = {name for name, each in ours.items() if each["depends_on"].get("setup") == done}

    assert [name for name, service in ours.items() if not config.confined(service)] == []
    # The others wait for these.
    assert set(ours) - waiting == {"locust-worker", "addresses"}


def test_what_starts_as_root_becomes_the_owner_of_the_folder_that_it_writes_to(
    services: Services,
) -> None:
    roots = {name for name, service in services.items() if service.get("user") == "root"}

    for name in roots - ONCE:
        targets = [mount.split(":")[1] for mount in config.mounts(services[name])]
        assert config.environment(services[name])["OWNER_OF"] in targets


def test_redis_is_a_cache_that_wants_a_password_and_keeps_nothing(services: Services) -> None:
    servers = {
        name: " ".join(service["command"])
        for name, service in services.items()
        if "redis-server" in service.get("command", ())
    }

    assert {"redis", "redis-measure"} <= set(servers)
    for command in servers.values():
        assert "--include /run/fivefold/REDIS_CONF --save  --appendonly no" in command
        assert "--maxmemory-policy allkeys-lru" in command


def test_no_server_with_data_is_reached_from_outside(
    services: Services, overrides: tuple[Path, ...]
) -> None:
    servers = {
        name: service
        for name, service in services.items()
        if service["image"].startswith(("mongo:", "redis:"))
    }

    assert len(servers) >= 3
    assert {tuple(service["networks"]) for service in servers.values()} == {("back",)}
    assert [name for name, service in servers.items() if "ports" in service] == []
    assert found(*overrides)["networks"]["back"]["internal"] is True
    # It has MongoDB obey anybody.
    testing = "enableTestCommands=1"
    assert [name for name in services if testing in json.dumps(services[name])] == ["mongo"]


def test_a_secret_reaches_what_keeps_it_and_nothing_else(
    services: Services, changed: Services
) -> None:
    given = {name: f"changed-{name}" for name in SECRETS}
    written = "secrets:/run/fivefold:rw"

    assert config.environment(changed["secrets"]) == given
    assert [name for name in services if written in config.mounts(services[name])] == ["secrets"]
    told = {name: json.dumps(each) for name, each in changed.items()}
    seen = {name for name, text in told.items() if any(each in text for each in given.values())}
    assert seen == {"secrets"}
    for name, service in services.items():
        values = config.environment(service)
        kept = [each for each in values if re.search(r"SECRET|TOKEN|PASSWORD(?!__FILE$)", each)]
        assert kept == [], name


def test_every_setting_reaches_the_service_and_nothing_that_it_does_not_read(
    services: Services, changed: Services
) -> None:
    ours = [name for name in services if services[name]["image"] == "fivefold-service:local"]
    # What nobody gave has the service's own default, but for whom Docker's networks make a proxy.
    given = FIXED | {"TRUSTED_PROXIES", "OTEL_SERVICE_NAME"}

    assert len(ours) >= 2
    for name in set(ours) - ONCE:
        assert set(config.environment(services[name])) == given
        named = {each for each in services[name]["environment"] if not each.startswith("OTEL_")}
        assert named - SETTINGS == set()
        values = config.environment(changed[name])
        for setting in SETTINGS - SECRETS - FIXED - {"ENVIRONMENT"}:
            assert values[setting] == f"changed-{setting}", name


def test_everything_that_is_mounted_or_built_is_there(
    services: Services, overrides: tuple[Path, ...]
) -> None:
    sources = {mount.split(":")[0] for each in services.values() for mount in config.mounts(each)}
    files = sources - set(found(*overrides)["volumes"])

    assert [source for source in files if not (ROOT / source).exists()] == []
    for build in (service["build"] for service in services.values() if "build" in service):
        dockerfile = (Path(build["context"]) / build["dockerfile"]).read_text()
        assert f" AS {build['target']}\n" in dockerfile


def test_the_variants_differ_in_the_flag_the_database_and_their_name_alone() -> None:
    cached, uncached = (
        dict(found()["services"][name]) for name in ("service-cached", "service-uncached")
    )
    ours, theirs = (config.environment(each) for each in (cached, uncached))

    names = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    assert {name: (ours.get(name), theirs.get(name)) for name in names} == {
        "CACHE_ENABLED": ("true", "false"),
        "MONGODB_DATABASE": ("fivefold_cached", "fivefold_uncached"),
        "OTEL_SERVICE_NAME": ("fivefold-cached", "fivefold-uncached"),
    }
    for service in (cached, uncached):
        del service["environment"], service["ports"]
    assert cached == uncached


@pytest.mark.parametrize("changed", [False, True])
def test_a_replica_is_the_cached_service_without_its_port(*, changed: bool) -> None:
    # 1.29 writes the networks of merged files otherwise, and leaves out the policy.
    left_out = {"ports", "networks", "pull_policy"}
    cached = found(changed=changed)["services"]["service-cached"]
    replica = found(SCALE, changed=changed)["services"]["service-replica"]

    assert {name: replica[name] for name in replica.keys() - left_out} == {
        name: cached[name] for name in cached.keys() - left_out
    }


def test_a_cluster_is_what_the_cached_service_asks() -> None:
    services = found(CLUSTER)["services"]
    scheme, _, nodes = config.environment(services["service-cached"])["REDIS_URL"].partition("://")

    assert scheme == "redis+cluster"
    assert {node.removesuffix(":6379") for node in nodes.split(",")} <= set(services)

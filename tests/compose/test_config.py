"""What the compose files promise, as Compose itself reads them: no engine, no build, seconds."""

import functools
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
Overrides = tuple[Path, ...]
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
every_file = pytest.mark.parametrize(
    "overrides",
    [(), (SCALE,), (CLUSTER,)],
    ids=lambda overrides: "+".join(["compose", *(each.stem for each in overrides)]),
)
given_or_not = pytest.mark.parametrize("changed", [False, True], ids=["default", "changed"])


@every_file
@given_or_not
def test_what_is_published_is_published_on_this_machine_alone_at_the_port_that_was_asked_for(
    overrides: Overrides, *, changed: bool
) -> None:
    services = _services(overrides, changed=changed)

    published = [port for service in services.values() for port in config.ports(service)]
    prefix = "1" if changed else ""
    assert sorted(published) == sorted(
        ("127.0.0.1", f"{prefix}{port}", target) for port, (target, _) in PORTS.items()
    )
    # Jupyter says where it is.
    assert config.environment(services["notebooks"])["PUBLISHED_PORT"] == f"{prefix}8888"


@every_file
def test_what_is_asked_for_by_a_profile_starts_only_then(overrides: Overrides) -> None:
    services = _services(overrides)

    assert {name: each["profiles"] for name, each in services.items() if "profiles" in each} == {
        "redis-measure": ["compare", "notebooks"],
        "compare": ["compare"],
        "notebooks": ["notebooks"],
        "prometheus": ["monitoring"],
        "grafana": ["monitoring"],
    }


@every_file
def test_what_serves_is_confined_and_starts_when_the_database_was_set_up(
    overrides: Overrides,
) -> None:
    ours = {
        name: service
        for name, service in _services(overrides).items()
        if service["image"].startswith("fivefold-") and service.get("user") != "root"
    }
    waiting = {
        name
        for name, service in ours.items()
        if service["depends_on"].get("setup") == {"condition": "service_completed_successfully"}
    }

    assert [name for name, service in ours.items() if not config.confined(service)] == []
    # The others wait for these.
    assert set(ours) - waiting == {"locust-worker", "addresses"}


@given_or_not
def test_reports_are_left_in_the_folder_that_was_asked_for(*, changed: bool) -> None:
    services = _services((), changed=changed)
    mount = f"{ELSEWHERE if changed else 'reports'}:/app/reports:rw"

    for name in ("compare", "notebooks"):
        assert mount in set(config.mounts(services[name]))


@every_file
def test_redis_is_a_cache_that_wants_a_password_and_keeps_nothing(overrides: Overrides) -> None:
    servers = {
        name: " ".join(service["command"])
        for name, service in _services(overrides).items()
        if "redis-server" in service.get("command", ())
    }

    assert {"redis", "redis-measure"} <= set(servers)
    for command in servers.values():
        assert "--include /run/fivefold/REDIS_CONF --save  --appendonly no" in command
        assert "--maxmemory-policy allkeys-lru" in command


@every_file
def test_what_starts_as_root_becomes_the_owner_of_the_folder_that_it_writes_to(
    overrides: Overrides,
) -> None:
    services = _services(overrides)
    roots = {name for name, service in services.items() if service.get("user") == "root"}

    for name in roots - ONCE:
        targets = [mount.split(":")[1] for mount in config.mounts(services[name])]
        assert config.environment(services[name])["OWNER_OF"] in targets


@every_file
def test_no_server_with_data_is_reached_from_outside(overrides: Overrides) -> None:
    servers = {
        name: service
        for name, service in _services(overrides).items()
        if service["image"].startswith(("mongo:", "redis:"))
    }

    assert len(servers) >= 3
    assert {tuple(service["networks"]) for service in servers.values()} == {("back",)}
    assert [name for name, service in servers.items() if "ports" in service] == []
    assert _read(overrides)["networks"]["back"]["internal"] is True
    # It has MongoDB obey anybody.
    tests = [
        name
        for name, service in _services(overrides).items()
        if "enableTestCommands=1" in config.texts(service)
    ]
    assert tests == ["mongo"]


@every_file
def test_a_secret_reaches_what_keeps_it_and_nothing_else(overrides: Overrides) -> None:
    given = {name: f"changed-{name}" for name in SECRETS}
    services = _services(overrides, changed=True)

    assert config.environment(services["secrets"]) == given
    writing = [
        name
        for name, service in services.items()
        if "secrets:/run/fivefold:rw" in config.mounts(service)
    ]
    assert writing == ["secrets"]
    seen = {
        name: set(given.values()) & set(config.texts(service)) for name, service in services.items()
    }
    assert {name for name, texts in seen.items() if texts} == {"secrets"}
    for name, service in _services(overrides).items():
        values = config.environment(service)
        kept = [each for each in values if re.search(r"SECRET|TOKEN|PASSWORD(?!__FILE$)", each)]
        assert kept == [], name


@every_file
def test_every_setting_reaches_the_service_and_nothing_that_it_does_not_read(
    overrides: Overrides,
) -> None:
    services, changed = _services(overrides), _services(overrides, changed=True)
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


def test_the_variants_differ_in_the_flag_the_database_and_their_name_alone() -> None:
    services = _services(())
    cached, uncached = dict(services["service-cached"]), dict(services["service-uncached"])
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


@given_or_not
def test_a_replica_is_the_cached_service_without_its_port(*, changed: bool) -> None:
    cached, replica = (
        # 1.29 writes the networks of merged files otherwise, and leaves out the policy.
        {
            name: value
            for name, value in service.items()
            if name not in {"ports", "networks", "pull_policy"}
        }
        for service in (
            _services((), changed=changed)["service-cached"],
            _services((SCALE,), changed=changed)["service-replica"],
        )
    )

    assert replica == cached


def test_a_cluster_is_what_the_cached_service_asks() -> None:
    services = _services((CLUSTER,))
    scheme, _, nodes = config.environment(services["service-cached"])["REDIS_URL"].partition("://")

    assert scheme == "redis+cluster"
    assert {node.removesuffix(":6379") for node in nodes.split(",")} <= set(services)


@every_file
def test_everything_that_is_mounted_or_built_is_there(overrides: Overrides) -> None:
    found = _read(overrides)
    services = found["services"].values()
    sources = {mount.split(":")[0] for service in services for mount in config.mounts(service)}
    builds = [service["build"] for service in services if "build" in service]

    missing = sources - set(found["volumes"])
    assert [source for source in missing if not (ROOT / source).exists()] == []
    for build in builds:
        dockerfile = (Path(build["context"]) / build["dockerfile"]).read_text()
        assert f" AS {build['target']}\n" in dockerfile


@functools.cache
def _read(overrides: Overrides, *, changed: bool = False) -> Mapping[str, Any]:
    command = program() or (needs.program("docker-compose"),)
    return config.read(command, overrides, CHANGED if changed else {})


def _services(overrides: Overrides, *, changed: bool = False) -> Mapping[str, Service]:
    services: Mapping[str, Service] = _read(overrides, changed=changed)["services"]
    return services

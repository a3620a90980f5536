"""What the compose files promise, as Compose itself reads them: no engine, no build, seconds."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.config import Settings
from tests import needs
from tests.compose import config
from tests.compose.config import CLUSTER, PROFILES, ROOT, SCALE, Service
from tests.compose.engine import program
from tests.compose.promised import ALONE, CLUSTERED, PORTS, SCALED, Table, promised

SETTINGS = {name.upper() for name in Settings.model_fields}
SECRETS = {"JWT_SECRET", "ADMIN_TOKEN", "JUPYTER_TOKEN", "GRAFANA_PASSWORD"}
# What the variant, not the person, decides.
FIXED = {"MONGODB_URL", "REDIS_URL", "MONGODB_DATABASE", "CACHE_ENABLED"}
# What ends when it has done its work.
ONCE = {"secrets", "setup", "addresses"}
Overrides = tuple[Path, ...]
TABLES: Mapping[Overrides, Table] = {(): ALONE, (SCALE,): SCALED, (CLUSTER,): CLUSTERED}
MOVED = {name: port + 10_000 for name, port in PORTS.items()}
ELSEWHERE = "some/where else"
CHANGED = {
    **{f"FIVEFOLD_{name}_PORT": str(port) for name, port in MOVED.items()},
    "FIVEFOLD_REPORTS": f"./{ELSEWHERE}",
    **{name: f"changed-{name}" for name in SETTINGS | SECRETS},
}
every_file = pytest.mark.parametrize(
    "overrides",
    TABLES,
    ids=lambda overrides: "+".join(["compose", *(each.stem for each in overrides)]),
)
given_or_not = pytest.mark.parametrize("changed", [False, True], ids=["default", "changed"])


@every_file
@given_or_not
def test_every_container_is_what_the_table_says(overrides: Overrides, *, changed: bool) -> None:
    ports, reports = (MOVED, ELSEWHERE) if changed else (PORTS, "reports")

    services = _services(overrides, changed=changed)

    assert {name: config.facts(service) for name, service in services.items()} == promised(
        TABLES[overrides], ports, reports
    )
    profiles = {name for service in services.values() for name in service.get("profiles", ())}
    assert profiles == set(PROFILES)


@every_file
@given_or_not
def test_what_is_published_is_published_on_this_machine_alone(
    overrides: Overrides, *, changed: bool
) -> None:
    services = _services(overrides, changed=changed)

    published = [port for service in services.values() for port in config.ports(service)]
    assert {address for address, _, _ in published} == {"127.0.0.1"}
    assert len(published) == len(PORTS)
    # Jupyter says where it is.
    ours = {name: port for _, port, name in published}
    assert config.environment(services["notebooks"])["PUBLISHED_PORT"] == ours["8888"]


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


SHORT = """
image: redis:8
ports: ["127.0.0.1:8000:80/tcp", "81:81"]
volumes: ["/srv:/data:ro", "kept:/kept:rw"]
networks: {back: {}}
depends_on: {mongo: {condition: service_started}}
healthcheck: {test: [NONE]}
"""
LONG = """
image: redis:8
command: null
entrypoint: null
ports:
  - {mode: ingress, host_ip: 127.0.0.1, target: 80, published: "8000", protocol: tcp}
  - {mode: ingress, target: 81, published: "81", protocol: tcp}
volumes:
  - {type: bind, source: /srv, target: /data, read_only: true, bind: {create_host_path: true}}
  - {type: volume, source: kept, target: /kept, volume: {}}
networks: {back: null}
depends_on: {mongo: {condition: service_started, required: true}}
healthcheck: {disable: true}
"""


@pytest.mark.parametrize("written", [SHORT, LONG], ids=["docker-compose", "docker compose"])
def test_both_generations_of_compose_are_read_alike(written: str) -> None:
    service = yaml.safe_load(written)

    assert config.facts(service) == {
        "image": "redis:8",
        "ports": {"8000:80", "81:81"},
        "mounts": {"/srv:/data:ro", "kept:/kept:rw"},
        "networks": {"back"},
        "after": {"mongo": "service_started"},
        "health": ["NONE"],
    }
    assert [address for address, _, _ in config.ports(service)] == ["127.0.0.1", ""]


@functools.cache
def _read(overrides: Overrides, *, changed: bool = False) -> Mapping[str, Any]:
    command = program() or (needs.program("docker-compose"),)
    return config.read(command, overrides, CHANGED if changed else {})


def _services(overrides: Overrides, *, changed: bool = False) -> Mapping[str, Service]:
    services: Mapping[str, Service] = _read(overrides, changed=changed)["services"]
    return services

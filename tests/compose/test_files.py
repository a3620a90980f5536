"""What the compose files promise, read without Docker."""

import re
from typing import Any

from service.config import Settings
from tests.compose.files import (
    BASE,
    CLUSTER,
    FILES,
    ROOT,
    SCALE,
    defined,
    every_service,
    mounts,
    services,
    texts,
)

SETTINGS = {name.upper() for name in Settings.model_fields}
SECRETS = {"JWT_SECRET", "ADMIN_TOKEN", "JUPYTER_TOKEN", "GRAFANA_PASSWORD"}
SERVICES = ("service-cached", "service-uncached")
LOOPBACK = re.compile(r"127\.0\.0\.1:\$\{(FIVEFOLD_\w+_PORT):-(\d+)\}:\d+")


def _environment(name: str) -> dict[str, Any]:
    return dict(services(BASE)[name]["environment"])


def test_every_published_port_is_on_the_loopback_and_can_be_moved() -> None:
    ports = [port for _, service in every_service() for port in service.get("ports", ())]
    found = [LOOPBACK.fullmatch(port) for port in ports]

    assert len(ports) >= 6
    assert None not in found
    assert {match[2] for match in found if match} >= {"8000", "8001", "8089"}


def test_no_server_with_data_publishes_a_port_or_leaves_the_inner_network() -> None:
    images = ("mongo:8", "redis:8")
    servers = [each for _, each in every_service() if each.get("image") in images]

    assert len(servers) >= 3
    assert [server for server in servers if "ports" in server] == []
    assert [server for server in servers if server["networks"] != ["back"]] == []
    assert defined(BASE)["networks"]["back"] == {"internal": True}


def test_test_commands_are_for_the_one_database_that_nobody_outside_reaches() -> None:
    enabled = [name for name, each in every_service() if "enableTestCommands=1" in texts(each)]

    assert enabled == ["docker-compose.yml: mongo"]


def test_no_image_is_the_latest() -> None:
    found = {name: service.get("image") for name, service in every_service()}
    images = {name: image for name, image in found.items() if image}

    assert [name for name, image in images.items() if not re.search(r":[\w.]+$", image)] == []
    assert [name for name, image in images.items() if image.endswith(":latest")] == []
    froms = re.findall(r"^(?:ARG PYTHON=|FROM )(\S+)", _dockerfile(), re.MULTILINE)
    assert froms[0] == "python:3.13-slim"
    assert {each for each in froms[1:] if ":" in each} == set()


def test_an_image_of_our_own_is_built_here_and_never_looked_for_elsewhere() -> None:
    own = {
        name: service
        for name, service in every_service()
        if service.get("image", "").startswith("fivefold-")
    }
    made = {service["image"] for service in own.values() if "build" in service}

    assert {service["image"] for service in own.values()} == made
    for name, service in own.items():
        assert "build" in service or service["pull_policy"] == "never", name


def test_no_secret_has_a_value_in_a_file() -> None:
    for name, service in every_service():
        environment = service.get("environment", {})
        for variable in SECRETS & environment.keys():
            assert environment[variable] is None, (name, variable)
    for file in FILES:
        for text in texts(defined(file)):
            assert not re.search(r"\$\{\w*(SECRET|TOKEN|PASSWORD)\w*:?-", text), text
    assert set(_environment("setup")) == SECRETS


def test_only_what_makes_secrets_may_write_where_they_are() -> None:
    writers = {
        name
        for name, service in every_service()
        for volume in service.get("volumes", ())
        if volume.startswith("secrets:") and not volume.endswith(":ro")
    }

    assert writers == {"docker-compose.yml: setup"}


def test_every_variable_of_the_services_is_one_that_they_read() -> None:
    for name in SERVICES:
        unknown = {each for each in _environment(name) if not each.startswith("OTEL_")} - SETTINGS

        assert unknown == set()


def test_every_setting_reaches_the_services_or_is_made_for_them() -> None:
    not_for_containers = {"ENVIRONMENT"}
    made = SECRETS & SETTINGS
    for name in SERVICES:
        assert SETTINGS - set(_environment(name)) == made | not_for_containers


def test_the_variants_differ_in_the_flag_the_database_and_their_name_alone() -> None:
    cached, uncached = (_environment(name) for name in SERVICES)
    differing = {name for name in cached if cached[name] != uncached[name]}

    assert cached.keys() == uncached.keys()
    assert differing == {"CACHE_ENABLED", "MONGODB_DATABASE", "OTEL_SERVICE_NAME"}


def test_a_replica_is_the_cached_service_without_its_port() -> None:
    cached, replica = services(BASE)["service-cached"], services(SCALE)["service-replica"]

    assert "ports" not in replica
    assert {**replica, "ports": cached["ports"]} == cached


def test_a_node_of_the_cluster_is_the_one_redis_that_it_replaces_and_has_company() -> None:
    one = services(BASE)["redis"]["command"]
    nodes = {name: each for name, each in services(CLUSTER).items() if "command" in each}
    del nodes["redis-cluster"]

    assert len(nodes) == 6
    assert {tuple(each["command"][: len(one)]) for each in nodes.values()} == {tuple(one)}
    assert all("--cluster-enabled" in each["command"] for each in nodes.values())
    joined = services(CLUSTER)["redis-cluster"]
    assert set(joined["command"][2:]) == set(joined["depends_on"]) == set(nodes)


def test_what_takes_the_place_of_the_cached_service_keeps_its_address() -> None:
    proxy = services(SCALE)["service-cached"]

    assert not proxy.keys() & {"ports", "networks", "environment"}
    assert "\n    bind :8000\n" in (ROOT / "deploy" / "haproxy.cfg").read_text()


def test_everything_that_is_mounted_is_there() -> None:
    sources = {source for _, service in every_service() for source in mounts(service)}

    assert ROOT / "reports" in sources
    assert [source for source in sources if not source.exists()] == []


def test_grafana_finds_its_dashboards_and_its_data_where_they_are_mounted() -> None:
    provisioning = ROOT / "deploy" / "grafana" / "provisioning"
    providers = [defined(file) for file in (provisioning / "dashboards").glob("*.yml")]
    sources = [defined(file) for file in (provisioning / "datasources").glob("*.yml")]
    targets = {volume.split(":")[1] for volume in services(BASE)["grafana"]["volumes"]}

    paths = {each["options"]["path"] for found in providers for each in found["providers"]}
    assert paths
    assert paths <= targets
    urls = {each["url"] for found in sources for each in found["datasources"]}
    assert urls == {"http://prometheus:9090"}


def test_prometheus_asks_services_that_there_are_at_their_own_ports() -> None:
    jobs = defined(ROOT / "deploy" / "prometheus" / "prometheus.yml")["scrape_configs"]
    looked_up = {
        (name, each["port"])
        for job in jobs
        for each in job.get("dns_sd_configs", ())
        for name in each["names"]
    }
    fixed = {
        (target.partition(":")[0], int(target.partition(":")[2]))
        for job in jobs
        for each in job.get("static_configs", ())
        for target in each["targets"]
    }
    known = set(services(BASE)) | set(services(SCALE))

    assert {("service-cached", 8000), ("service-uncached", 8000)} <= looked_up | fixed
    assert {name for name, _ in looked_up | fixed} <= known


def test_everything_that_is_copied_is_there_and_sent_to_the_builder() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", _dockerfile(), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    sent = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.partition("/")[0] for source in sources} == set(sent)


def test_no_image_runs_as_root() -> None:
    stages = re.split(r"^FROM ", _dockerfile(), flags=re.MULTILINE)
    final = [stage for stage in stages if re.match(r"base AS \w+", stage)]

    assert len(final) == 3
    assert all("\nUSER fivefold\n" in stage for stage in final)
    # These give it up for the owner of the folder that they write into.
    roots = {name for name, service in services(BASE).items() if service.get("user") == "root"}
    assert roots == {"setup", "compare", "notebooks"}
    for name in roots - {"setup"}:
        assert _environment(name)["OWNER_OF"] == "/app/reports"


def test_every_variable_of_the_files_is_explained() -> None:
    explained = (ROOT / ".env.example").read_text() + (ROOT / "docs" / "docker.md").read_text()
    wanted = {name for file in FILES for name in re.findall(r"\$\{(\w+)", file.read_text())}

    assert {name for name in wanted | SECRETS if name not in explained} == set()


def _dockerfile() -> str:
    return (ROOT / "deploy" / "Dockerfile").read_text()

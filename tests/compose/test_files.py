"""What the files that containers are made from promise, and compose does not read."""

import re
import subprocess

from service.protocol import REQUEST_S
from tests import needs
from tests.compose.config import BASE, FILES, ROOT, SCALE, defined


def test_no_image_of_the_dockerfile_is_the_latest() -> None:
    froms = re.findall(r"^FROM (\S+)", _dockerfile(), re.MULTILINE)

    assert {each for each in froms if ":" in each} == set()
    assert re.search(r"^ARG PYTHON=python:\d+\.\d+\.\d+-slim$", _dockerfile(), re.MULTILINE)


def test_an_image_of_others_is_named_by_its_full_version() -> None:
    services = [each for file in FILES for each in defined(file)["services"].values()]
    images = {each["image"] for each in services if "image" in each}
    others = {image for image in images if not image.startswith("fivefold-")}

    assert len(others) >= 5
    assert {image for image in others if not re.search(r":v?\d+\.\d+\.\d+$", image)} == set()


def test_an_image_of_our_own_is_built_here_and_never_looked_for_elsewhere() -> None:
    # docker-compose 1.29 leaves the policy out of what it says about several files.
    own = [
        service
        for file in FILES
        for service in defined(file)["services"].values()
        if service.get("image", "").startswith("fivefold-")
    ]

    assert {each["image"] for each in own} == {each["image"] for each in own if "build" in each}
    assert {each["pull_policy"] for each in own if "build" not in each} == {"never"}


def test_the_proxy_before_the_replicas_takes_its_configuration() -> None:
    program = needs.program("haproxy")

    done = subprocess.run(
        [program, "-c", "-f", ROOT / "deploy" / "haproxy.cfg"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_proxy_takes_the_place_of_the_cached_service_and_waits_for_a_request_as_long() -> None:
    configuration = (ROOT / "deploy" / "haproxy.cfg").read_text()

    assert "\n    bind :8000\n" in configuration
    assert f"\n    timeout http-request {REQUEST_S:g}s\n" in configuration


def test_grafana_finds_its_dashboards_and_its_data_where_they_are_mounted() -> None:
    provisioning = ROOT / "deploy" / "grafana" / "provisioning"
    providers = [defined(file) for file in (provisioning / "dashboards").glob("*.yml")]
    sources = [defined(file) for file in (provisioning / "datasources").glob("*.yml")]
    targets = {volume.split(":")[1] for volume in defined(BASE)["services"]["grafana"]["volumes"]}

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
    known = set(defined(BASE)["services"]) | set(defined(SCALE)["services"])

    assert {("service-cached", 8000), ("service-uncached", 8000)} <= looked_up | fixed
    assert {name for name, _ in looked_up | fixed} <= known


def test_everything_that_is_copied_is_there_and_sent_to_the_builder() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", _dockerfile(), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    sent = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.partition("/")[0] for source in sources} == set(sent)


def test_no_image_runs_as_root_and_the_services_own_tells_when_it_is_ready() -> None:
    stages = re.split(r"^FROM ", _dockerfile(), flags=re.MULTILINE)
    final = {match[1]: stage for stage in stages if (match := re.match(r"base AS (\w+)", stage))}

    assert set(final) == {"service", "harness", "notebooks"}
    assert all("\nUSER fivefold\n" in stage for stage in final.values())
    assert 'CMD ["healthy", "8000", "/readyz"]' in final["service"].partition("HEALTHCHECK")[2]


def test_every_variable_of_the_files_is_explained() -> None:
    explained = (ROOT / ".env.example").read_text() + (ROOT / "docs" / "docker.md").read_text()
    setup = defined(BASE)["services"]["secrets"]["environment"]
    wanted = {name for file in FILES for name in re.findall(r"\$\{(\w+)", file.read_text())}

    assert {name for name in wanted | set(setup) if name not in explained} == set()


def _dockerfile() -> str:
    return (ROOT / "deploy" / "Dockerfile").read_text()

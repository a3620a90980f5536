"""The Kubernetes manifests are valid, render, and agree with the service."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from service import VERSION
from service.api.operations import router
from service.config import Settings
from service.server import DRAIN_S

ROOT = Path(__file__).parents[2] / "deploy" / "kubernetes"
BASE = ROOT / "base"
KUSTOMIZATIONS = (BASE, ROOT / "overlays" / "example")
SECRETS = {"MONGODB_URL", "REDIS_URL", "JWT_SECRET", "ADMIN_TOKEN"}
SECRET_VALUES = {
    "MONGODB_URL": "mongodb://mongo/",
    "REDIS_URL": "redis://redis/",
    "JWT_SECRET": "q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe",
}
SETTINGS = {name.upper() for name in Settings.model_fields}
KUBERNETES = "1.32"
KUBECTL = Path(sys.executable).with_name("kubectl")
Manifest = Mapping[str, Any]


@cache
def base() -> dict[str, Manifest]:
    """Return the manifests of the base by their kind."""
    names = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    found = [yaml.safe_load((BASE / name).read_text()) for name in names]
    return {manifest["kind"]: manifest for manifest in found}


def settings() -> dict[str, str]:
    lines = (BASE / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


@cache
def rendered(folder: Path) -> list[Manifest]:
    """Return what ``kubectl kustomize`` makes of a folder."""
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


def pod() -> Manifest:
    spec: Manifest = base()["Deployment"]["spec"]["template"]["spec"]
    return spec


def container() -> Manifest:
    [only] = pod()["containers"]
    found: Manifest = only
    return found


def valid(manifest: Manifest) -> bool:
    """Validate against Kubernetes' own schema, in which no unknown field is allowed."""
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    return True


def pairs(value: object) -> Iterator[tuple[str, object]]:
    """Yield every name in a manifest with what it names."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from pairs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pairs(inner)


def test_every_manifest_of_the_base_follows_the_schema_of_kubernetes() -> None:
    assert all(valid(manifest) for manifest in base().values())


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda folder: folder.name)
def test_every_kustomization_renders_to_valid_manifests(folder: Path) -> None:
    manifests = rendered(folder)

    assert {manifest["kind"] for manifest in manifests} == {*base(), "ConfigMap"}
    assert all(valid(manifest) for manifest in manifests)


def test_the_rendered_pods_use_the_rendered_settings() -> None:
    manifests = {manifest["kind"]: manifest for manifest in rendered(KUSTOMIZATIONS[1])}
    [only] = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]

    [source] = only["envFrom"]
    assert source["configMapRef"]["name"] == manifests["ConfigMap"]["metadata"]["name"]
    assert only["image"] == f"registry.example.com/team/fivefold-service:{VERSION}"
    assert manifests["ConfigMap"]["data"].keys() <= SETTINGS


def test_every_selector_finds_the_pods_of_the_deployment() -> None:
    manifests = base()
    labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]

    assert manifests["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["Service"]["spec"]["selector"] == labels
    assert manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert manifests["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"] == {
        "apiVersion": manifests["Deployment"]["apiVersion"],
        "kind": "Deployment",
        "name": manifests["Deployment"]["metadata"]["name"],
    }


def test_the_service_starts_with_the_settings_of_the_base(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (settings() | SECRET_VALUES).items():
        monkeypatch.setenv(name, value)

    started = Settings()

    assert settings().keys() <= SETTINGS
    assert started.environment == "production"
    assert started.cache_enabled


def test_what_is_secret_comes_from_a_secret_only() -> None:
    env = {entry["name"]: entry["valueFrom"]["secretKeyRef"] for entry in container()["env"]}

    assert env.keys() == SECRETS <= SETTINGS
    assert all(reference["key"] == name for name, reference in env.items())
    assert {name for name, reference in env.items() if reference.get("optional")} == {"ADMIN_TOKEN"}
    assert not SECRETS & settings().keys()
    assert "Secret" not in base()


def test_the_probes_ask_routes_that_exist() -> None:
    routes = {getattr(route, "path", "") for route in router.routes}
    probes = {name: container()[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}

    assert {name: probe["httpGet"]["path"] for name, probe in probes.items()} == {
        "startup": "/healthz",
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    assert {probe["httpGet"]["path"] for probe in probes.values()} <= routes
    [port] = container()["ports"]
    assert all(probe["httpGet"]["port"] == port["name"] for probe in probes.values())
    assert str(port["containerPort"]) in container()["args"]


def test_a_pod_is_not_killed_before_the_service_has_drained() -> None:
    sleep, seconds = container()["lifecycle"]["preStop"]["exec"]["command"]

    assert sleep == "sleep"
    assert pod()["terminationGracePeriodSeconds"] >= int(seconds) + DRAIN_S + 5


def test_the_service_runs_as_nobody_in_particular_and_can_change_nothing() -> None:
    security = dict(pairs(pod()["securityContext"])) | dict(pairs(container()["securityContext"]))

    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] != 0
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["drop"] == ["ALL"]
    assert security["type"] == "RuntimeDefault"


def test_the_pod_runs_what_the_image_was_made_for() -> None:
    dockerfile = (ROOT.parent / "Dockerfile").read_text()
    service = dockerfile.partition(" AS service\n")[2].partition("\nFROM ")[0]
    [command] = re.findall(r"^CMD (.*)$", service, re.MULTILINE)

    assert container()["args"] == json.loads(command)
    assert f"useradd --uid {pod()['securityContext']['runAsUser']} " in dockerfile


def test_a_disruption_leaves_replicas_to_answer() -> None:
    manifests = base()
    autoscaler = manifests["HorizontalPodAutoscaler"]["spec"]

    taken = manifests["PodDisruptionBudget"]["spec"]["maxUnavailable"]
    assert autoscaler["minReplicas"] > taken
    assert autoscaler["maxReplicas"] >= autoscaler["minReplicas"]
    assert "replicas" not in manifests["Deployment"]["spec"]

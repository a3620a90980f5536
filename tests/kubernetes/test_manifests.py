"""The Kubernetes manifests are valid, render, and agree with the service."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
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
BASE, EXAMPLE = ROOT / "base", ROOT / "overlays" / "example"
SECRETS = {"MONGODB_URL", "REDIS_URL", "JWT_SECRET", "ADMIN_TOKEN"}
SECRET_VALUES = {
    "MONGODB_URL": "mongodb://mongo/",
    "REDIS_URL": "redis://redis/",
    "JWT_SECRET": "q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe",
}
KUBERNETES = "1.32"
KUBECTL = Path(sys.executable).with_name("kubectl")
Manifests = Mapping[str, Any]


@cache
def rendered(folder: Path = BASE) -> Manifests:
    """Return what ``kubectl kustomize`` makes of a folder, by kind."""
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, check=True)
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(done.stdout)}


def pod() -> Mapping[str, Any]:
    spec: Mapping[str, Any] = rendered()["Deployment"]["spec"]["template"]["spec"]
    return spec


def container(manifests: Manifests | None = None) -> Mapping[str, Any]:
    [only] = (manifests or rendered())["Deployment"]["spec"]["template"]["spec"]["containers"]
    found: Mapping[str, Any] = only
    return found


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda folder: folder.name)
def test_every_kustomization_renders_to_manifests_of_kubernetes_own_schema(folder: Path) -> None:
    assert {"Deployment", "HorizontalPodAutoscaler", "ConfigMap"} <= rendered(folder).keys()
    for manifest in rendered(folder).values():
        # No unknown field is allowed.
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_the_rendered_pods_use_the_rendered_settings_and_image() -> None:
    manifests = rendered(EXAMPLE)

    [source] = container(manifests)["envFrom"]
    assert source["configMapRef"]["name"] == manifests["ConfigMap"]["metadata"]["name"]
    image = f"registry.example.com/team/fivefold-service:{VERSION}"
    assert container(manifests)["image"] == image


def test_every_selector_finds_the_pods_of_the_deployment() -> None:
    manifests = rendered()
    deployment = manifests["Deployment"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]

    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert manifests["Service"]["spec"]["selector"] == labels
    assert manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    scaler = manifests["HorizontalPodAutoscaler"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert scaler["minReplicas"] > manifests["PodDisruptionBudget"]["spec"]["maxUnavailable"]
    assert "replicas" not in deployment["spec"]


def test_the_service_starts_with_the_settings_and_with_secrets_from_a_secret_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = rendered()["ConfigMap"]["data"]
    env = {entry["name"]: entry["valueFrom"]["secretKeyRef"] for entry in container()["env"]}
    for name, value in (settings | SECRET_VALUES).items():
        monkeypatch.setenv(name, value)

    started = Settings()

    assert (started.environment, started.cache_enabled) == ("production", True)
    assert settings.keys() | SECRETS <= {name.upper() for name in Settings.model_fields}
    assert env.keys() == SECRETS
    assert not SECRETS & settings.keys()
    assert all(reference["key"] == name for name, reference in env.items())
    assert {name for name, reference in env.items() if reference.get("optional")} == {"ADMIN_TOKEN"}
    assert "Secret" not in rendered()


def test_the_probes_ask_routes_that_exist() -> None:
    [port] = container()["ports"]
    probes = {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}

    for name, path in probes.items():
        assert container()[f"{name}Probe"]["httpGet"] == {"path": path, "port": port["name"]}
    assert {*probes.values()} <= {getattr(route, "path", "") for route in router.routes}
    assert str(port["containerPort"]) in container()["args"]


def test_a_pod_is_not_killed_before_the_service_has_drained() -> None:
    sleep, seconds = container()["lifecycle"]["preStop"]["exec"]["command"]

    assert sleep == "sleep"
    assert pod()["terminationGracePeriodSeconds"] >= int(seconds) + DRAIN_S + 5


def test_the_service_runs_as_nobody_in_particular_and_can_change_nothing() -> None:
    security = pod()["securityContext"] | container()["securityContext"]

    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] != 0
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_the_pod_runs_what_the_image_was_made_for() -> None:
    dockerfile = (ROOT.parent / "Dockerfile").read_text()
    service = dockerfile.partition(" AS service\n")[2].partition("\nFROM ")[0]
    [command] = re.findall(r"^CMD (.*)$", service, re.MULTILINE)

    assert container()["args"] == json.loads(command)
    assert f"useradd --uid {pod()['securityContext']['runAsUser']} " in dockerfile

"""`kubernetes.yaml`: references, hardening and probes here; the fields by kubectl's own types, where it is."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.files import SECRETS, documents, need

BY_KIND = {one["kind"]: one for one in documents("kubernetes.yaml")}
DEPLOYMENT = BY_KIND["Deployment"]
POD: dict[str, Any] = DEPLOYMENT["spec"]["template"]["spec"]
[CONTAINER] = POD["containers"]
#: The last stable group and version of each kind.
VERSIONS = {
    "ConfigMap": "v1",
    "Deployment": "apps/v1",
    "Service": "v1",
    "PodDisruptionBudget": "policy/v1",
}


def test_every_kind_once_and_in_one_namespace() -> None:
    assert {one["kind"]: one["apiVersion"] for one in documents("kubernetes.yaml")} == VERSIONS
    assert {(one["metadata"]["name"], one["metadata"]["namespace"]) for one in BY_KIND.values()} == {
        ("ringdesk", "ringdesk")
    }


def test_two_of_which_one_is_always_there() -> None:
    assert DEPLOYMENT["spec"]["replicas"] == 2
    assert DEPLOYMENT["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert BY_KIND["PodDisruptionBudget"]["spec"]["minAvailable"] == 1
    # It ends within ten seconds, after the five that balancers get.
    assert POD["terminationGracePeriodSeconds"] > 15


def test_a_pod_is_alive_and_ready_by_healthz() -> None:
    """Webhooks are taken while Telegram is out: /readyz would take both pods out of the balancer at once."""
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert CONTAINER[probe]["httpGet"] == {"path": "/healthz", "port": "http"}


def test_hardened() -> None:
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] == 10001
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["automountServiceAccountToken"] is False
    assert CONTAINER["resources"]["limits"]["memory"]


def test_whatever_is_referred_to_is_there() -> None:
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
    for selector in (
        DEPLOYMENT["spec"]["selector"]["matchLabels"],
        BY_KIND["Service"]["spec"]["selector"],
        BY_KIND["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    volumes = {one["name"]: one for one in POD["volumes"]}
    assert {one["name"] for one in CONTAINER["volumeMounts"]} == set(volumes)
    assert volumes["config"]["configMap"]["name"] == BY_KIND["ConfigMap"]["metadata"]["name"]
    ports = {one["name"] for one in CONTAINER["ports"]}
    assert {one["targetPort"] for one in BY_KIND["Service"]["spec"]["ports"]} <= ports
    [mounted] = [one["mountPath"] for one in CONTAINER["volumeMounts"] if one["name"] == "config"]
    assert CONTAINER["args"] == ["run", "--config", f"{mounted}/ringdesk.toml"]
    for name in SECRETS:
        assert f'"/run/secrets/{name}"' in BY_KIND["ConfigMap"]["data"]["ringdesk.toml"]


def test_every_field_is_one_that_kubernetes_has() -> None:
    """kubectl reads it into its own types and writes it again: a field that these do not have is lost on the way."""
    command = [need("kubectl"), "set", "image", "--local", "-f", "-", "ringdesk=another", "-o", "json"]
    ran = subprocess.run(command, input=json.dumps(DEPLOYMENT), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    kept = set(_fields(json.loads(ran.stdout)))
    assert [field for field in _fields(DEPLOYMENT) if field not in kept] == []


def _fields(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}"
            yield from _fields(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _fields(inner, f"{path}[{number}]")


@pytest.mark.parametrize("name", ["cpu", "memory"])
def test_a_limit_is_no_less_than_the_request(name: str) -> None:
    limits, requests = CONTAINER["resources"]["limits"], CONTAINER["resources"]["requests"]
    assert name not in limits or int(limits[name].removesuffix("Mi")) >= int(requests[name].removesuffix("Mi"))

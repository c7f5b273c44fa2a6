"""Holds Kubernetes resources, YAML documents on standard input, against Kubernetes' own schemas, offline.

A member that the schema does not know is wrong too; so is a container of the image `sekisho` that may do more than it
needs to, or that nobody looks after, and a policy `dns-only-through-sekisho` that lets DNS to somebody else. Prints what is
wrong, a line each; exits 1 if anything is.
"""

import sys

import kubernetes_validate
import yaml

VERSION = "1.33"  # the first in which sidecars are there for good


def containers(resource):
    pod = resource.get("spec", {}).get("template", {}).get("spec", {})
    for container in pod.get("initContainers", []) + pod.get("containers", []):
        if container["image"].partition(":")[0] == "sekisho":
            yield pod, container


def weaknesses(pod, container):
    security = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
    wanted = {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    yield from (f"{name} is not {value}" for name, value in wanted.items() if security.get(name) != value)
    for probe in ["startupProbe", "livenessProbe"]:
        if probe not in container:
            yield f"no {probe}"
    if "memory" not in container.get("resources", {}).get("limits", {}):
        yield "no limit of memory"
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    if mounts != {volume["name"] for volume in pod["volumes"]}:
        yield "its mounts are not the volumes"


def closed_ports(policy):
    """The ports that a policy of egress opens to nobody, or to the pods that it names only."""
    for protocol in ["TCP", "UDP"]:
        rules = [rule["ports"] for rule in policy["spec"]["egress"] if "to" not in rule]
        ports = [port for ports in rules for port in ports if port["protocol"] == protocol]
        yield set(range(1, 65536)).difference(*(range(port["port"], port["endPort"] + 1) for port in ports))


findings = []
for resource in filter(None, yaml.safe_load_all(sys.stdin)):
    name = f"{resource.get('kind')}/{resource.get('metadata', {}).get('name')}"
    try:
        kubernetes_validate.validate(resource, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        findings.append(f"{name}: {'.'.join(map(str, error.path))}: {error.message}")
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError) as error:
        findings.append(f"{name}: {error}")
    for pod, container in containers(resource):
        findings += [f"{name}: {container['name']}: {weakness}" for weakness in weaknesses(pod, container)]
    if name == "NetworkPolicy/dns-only-through-sekisho" and list(closed_ports(resource)) != 2 * [{53, 853}]:
        findings.append(f"{name}: it does not close 53 and 853, or closes others")
for finding in findings:
    print(finding)
sys.exit(bool(findings))

"""Discovery: which groups, versions and kinds the server has."""

import base64
import hashlib
from collections.abc import Sequence

from ..store.resources import JsonObject, Resource
from .messages import Response, json_response

VERSION = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "$Format:%H$",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "go1.26.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}

_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
_REVIEWS = "authorization.k8s.io"


def discover(path: str, resources: Sequence[Resource]) -> Response | None:
    """Answer a path of discovery; return None for other paths."""
    match path.strip("/").split("/"):
        case ["version"]:
            return json_response(VERSION)
        case ["healthz" | "livez" | "readyz"]:
            return Response(200, b"ok", "text/plain; charset=utf-8")
        case ["api"]:
            return json_response({"kind": "APIVersions", "versions": ["v1"]})
        case ["apis"]:
            groups = [_group(name, resources) for name in _groups(resources)]
            return json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        case ["apis", group] if group in _groups(resources):
            return json_response(
                {"kind": "APIGroup", "apiVersion": "v1", **_group(group, resources)}
            )
        case ["api", version]:
            return _kinds(version, resources)
        case ["apis", group, version]:
            return _kinds(f"{group}/{version}", resources)
        case _:
            return None


def _groups(resources: Sequence[Resource]) -> list[str]:
    named = [each.group for each in resources if each.group]
    return list(dict.fromkeys([*named, _REVIEWS]))


def _group(name: str, resources: Sequence[Resource]) -> JsonObject:
    versions = {each.version for each in resources if each.group == name} or {"v1"}
    listed = [{"groupVersion": f"{name}/{each}", "version": each} for each in sorted(versions)]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _kinds(api_version: str, resources: Sequence[Resource]) -> Response | None:
    entries = [
        entry
        for resource in resources
        if resource.api_version == api_version
        for entry in _entries(resource)
    ]
    if api_version == f"{_REVIEWS}/v1":
        entries = [_review()]
    if not entries:
        return None
    listing = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version}
    return json_response({**listing, "resources": entries})


def _entries(resource: Resource) -> list[JsonObject]:
    common = {"namespaced": resource.namespaced, "kind": resource.kind}
    part = {"singularName": "", **common, "verbs": ["get", "patch", "update"]}
    entries: list[JsonObject] = [
        {
            "name": resource.plural,
            "singularName": resource.singular,
            **common,
            "verbs": _VERBS,
            "storageVersionHash": _storage_hash(resource),
        }
    ]
    if resource.status:
        entries.append({"name": f"{resource.plural}/status", **part})
    if resource.scale:
        scale = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
        entries.append({"name": f"{resource.plural}/scale", **part, **scale})
    if resource.kind == "Pod":
        entries.append({"name": "pods/log", **part, "verbs": ["get"]})
    return entries


def _storage_hash(resource: Resource) -> str:
    stored_as = f"{resource.group}/{resource.version}/{resource.kind}"
    return base64.b64encode(hashlib.sha256(stored_as.encode()).digest()[:8]).decode()


def _review() -> JsonObject:
    return {
        "name": "selfsubjectaccessreviews",
        "singularName": "selfsubjectaccessreview",
        "namespaced": False,
        "kind": "SelfSubjectAccessReview",
        "verbs": ["create"],
    }

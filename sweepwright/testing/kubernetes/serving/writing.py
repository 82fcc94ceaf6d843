"""Verbs `create`, `update` and `patch`."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ..store.names import generated_name
from ..store.objects import ObjectStore
from ..store.patches import APPLY, JSON, MERGE, STRATEGIC, apply_patch
from ..store.resources import NAMESPACES, PODS, JsonObject, Resource
from ..store.status_errors import (
    INVALID,
    Cause,
    StatusError,
    bad_request,
    details_of,
    invalid,
    unsupported_media,
)
from ..validation.defaults import with_defaults
from ..validation.pod_security import check_pod_security
from ..validation.rules import Decoded, Rules
from .bodies import check_dry_run, read_json, read_object
from .messages import Request, Response, json_response
from .paths import Target

Admission: TypeAlias = Callable[[str, Resource, str, JsonObject], None]
"""Reviews a write (`CREATE` or `UPDATE`, the kind, the namespace, the object): may change the
object in place, and raises `StatusError` to deny the write."""


class Writing:
    """Answers to writes."""

    def __init__(self, store: ObjectStore, rules: Rules, admission: Sequence[Admission]) -> None:
        self._store = store
        self._rules = rules
        self._admission = admission

    def create(self, target: Target, request: Request) -> Response:
        """Create the object in the body."""
        raw = read_object(request, target.resource)
        dry_run = check_dry_run("CreateOptions", request.query.get("dryRun", ""))
        mode = request.query.get("fieldValidation") or "Warn"
        created, warnings = self.create_object(target, raw, mode, dry_run=dry_run)
        return json_response(created, 201, warnings=warnings)

    def create_object(
        self, target: Target, raw: JsonObject, field_validation: str, *, dry_run: bool
    ) -> tuple[JsonObject, Sequence[str]]:
        """Check and create an object, and return it as created with warnings about it."""
        resource = target.resource
        raw = _identified(resource, raw)
        self._check_version(resource, raw)
        decoded = self._rules.decode(resource, raw, field_validation)
        value = _placed(target, decoded.value)
        self._check_namespace(target, value)
        value = with_defaults(resource, _new(resource, value))
        try:
            self._rules.check(resource, value, None, raw["kind"])
            self._admit("CREATE", target, value)
            created = self._store.create(resource, target.namespace, value, dry_run=dry_run)
        except StatusError as error:
            error.warnings = tuple(decoded.warnings)
            raise
        return created, decoded.warnings

    def update(self, target: Target, request: Request) -> Response:
        """Replace an object by the one in the body, or its status if the path says so."""
        resource = target.resource
        raw = _identified(resource, read_object(request, resource))
        dry_run = check_dry_run("UpdateOptions", request.query.get("dryRun", ""))
        self._check_version(resource, raw)
        decoded = self._decoded(resource, raw, request)
        value = _placed(target, decoded.value)
        if value["metadata"].get("name") != target.name:
            named = value["metadata"].get("name", "")
            raise bad_request(
                f"the name of the object ({named}) does not match the name on the URL "
                f"({target.name})"
            )
        if resource.custom and not value["metadata"].get("resourceVersion"):
            raise _version_required(resource, target.name)
        return self._modify(target, lambda _: value, decoded.warnings, dry_run=dry_run)

    def patch(self, target: Target, request: Request) -> Response:
        """Change an object by the patch in the body."""
        resource = target.resource
        kind = request.content_type
        accepted = [JSON, MERGE, *([] if resource.custom else [STRATEGIC]), APPLY]
        if kind not in accepted or kind == APPLY:
            raise unsupported_media(accepted)
        patch = read_json(request)
        dry_run = check_dry_run("PatchOptions", request.query.get("dryRun", ""))
        warnings: list[str] = []

        def changed(current: JsonObject) -> JsonObject:
            patched = _identified(resource, apply_patch(kind, current, patch))
            decoded = self._decoded(resource, patched, request)
            warnings.extend(decoded.warnings)
            return decoded.value

        return self._modify(target, changed, warnings, dry_run=dry_run)

    def _modify(
        self,
        target: Target,
        changed: Callable[[JsonObject], JsonObject],
        warnings: Sequence[str],
        *,
        dry_run: bool,
    ) -> Response:
        resource = target.resource

        def checked(current: JsonObject) -> JsonObject:
            after = _only_part(target, current, with_defaults(resource, changed(current)))
            self._rules.check(resource, after, current, after["kind"])
            self._admit("UPDATE", target, after)
            return after

        try:
            after = self._store.modify(
                resource, target.namespace, target.name, checked, dry_run=dry_run
            )
        except StatusError as error:
            error.warnings = tuple(warnings)
            raise
        return json_response(after, warnings=warnings)

    def _admit(self, operation: str, target: Target, value: JsonObject) -> None:
        for review in self._admission:
            review(operation, target.resource, target.namespace, value)
        if operation == "CREATE" and target.resource == PODS:
            namespace = self._store.stored(NAMESPACES, "", target.namespace).value
            check_pod_security(PODS, value, namespace)

    def _decoded(self, resource: Resource, raw: JsonObject, request: Request) -> Decoded:
        return self._rules.decode(resource, raw, request.query.get("fieldValidation") or "Warn")

    def _check_version(self, resource: Resource, raw: JsonObject) -> None:
        found = raw["apiVersion"]
        if found == resource.api_version:
            return
        error = bad_request(
            f"the API version in the data ({found}) does not match the expected API version "
            f"({resource.api_version})"
        )
        if resource.custom:  # of a version that is not served, no field is known
            unknown = [key for key in raw if key not in {"apiVersion", "kind", "metadata"}]
            error.warnings = tuple(f'unknown field "{key}"' for key in unknown)
        raise error

    def _check_namespace(self, target: Target, value: JsonObject) -> None:
        if not target.resource.namespaced:
            return
        namespace = self._store.stored(NAMESPACES, "", target.namespace).value
        if "deletionTimestamp" in namespace["metadata"]:
            raise _terminating(target, value["metadata"].get("name", ""))


def _identified(resource: Resource, raw: Any) -> JsonObject:
    """Return an object with the kind and version that built-in kinds may leave out."""
    metadata = (raw.get("metadata") or {}) if isinstance(raw, dict) else None
    if not isinstance(metadata, dict):
        raise bad_request("json: cannot unmarshal metadata into an object")
    if not resource.custom:
        named = {"apiVersion": raw.get("apiVersion") or resource.api_version}
        named["kind"] = raw.get("kind") or resource.kind
        return {**raw, **named, "metadata": metadata}
    for key in ("kind", "apiVersion"):
        if not raw.get(key):
            raise bad_request(f"Object '{key.capitalize()}' is missing in the object")
    return {**raw, "metadata": metadata}


def _placed(target: Target, value: JsonObject) -> JsonObject:
    """Return an object with the namespace of the path, which it must not contradict."""
    if not target.resource.namespaced:
        return value
    if value["metadata"].get("namespace", target.namespace) != target.namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return {**value, "metadata": {**value["metadata"], "namespace": target.namespace}}


def _new(resource: Resource, value: JsonObject) -> JsonObject:
    """Return an object with a name and a uid, and without what only the server may set."""
    metadata = {**value["metadata"], "uid": str(uuid.uuid4())}
    if metadata.get("resourceVersion"):
        raise bad_request("resourceVersion should not be set on objects to be created")
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = generated_name(metadata["generateName"])
    kept = {key: each for key, each in value.items() if key != "status" or not resource.status}
    return {**kept, "metadata": metadata}


def _only_part(target: Target, current: JsonObject, after: JsonObject) -> JsonObject:
    """Keep what the path does not name: the status, or all but the status."""
    if not target.resource.status:
        return after
    if target.part == "status":
        version = after.get("metadata", {}).get("resourceVersion")
        metadata = {**current["metadata"], "resourceVersion": version}
        return {**current, "metadata": metadata, "status": after.get("status")}
    kept = {key: value for key, value in after.items() if key != "status"}
    return {**kept, **({"status": current["status"]} if "status" in current else {})}


def _version_required(resource: Resource, name: str) -> StatusError:
    cause = Cause(
        INVALID,
        "metadata.resourceVersion",
        "Invalid value: 0: must be specified for an update",
    )
    return invalid(resource.group, resource.plural, name, [cause])


def _terminating(target: Target, name: str) -> StatusError:
    resource, namespace = target.resource, target.namespace
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    message = f'{resource.qualified_plural} "{name}" is forbidden: {why}'
    cause = Cause(
        "NamespaceTerminating", "metadata.namespace", f"namespace {namespace} is being terminated"
    )
    return StatusError(403, "Forbidden", message, details_of(resource, name), [cause])

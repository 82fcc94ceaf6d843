"""Verbs `delete` and `deletecollection`."""

from ..store.deletion import Deletion
from ..store.objects import ObjectStore
from ..store.resources import JOBS, NAMESPACES, PODS, JsonObject, Resource
from ..store.status_errors import (
    NOT_SUPPORTED,
    Cause,
    StatusError,
    bad_request,
    details_of,
    invalid,
)
from .bodies import check_dry_run, read_json
from .messages import Request, Response, json_response
from .paths import Target
from .reading import selection

_POLICIES = ("Foreground", "Background", "Orphan")


class Deleting:
    """Answers to deletes."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def delete(self, target: Target, request: Request) -> Response:
        """Delete one object, or mark it as being deleted."""
        resource, namespace, name = target.resource, target.namespace, target.name
        deletion = _deletion(request, resource)
        uid = self._store.stored(resource, namespace, name).value["metadata"]["uid"]
        deleted = self._store.delete(resource, namespace, name, deletion=deletion)
        held = deleted["metadata"].get("finalizers")
        if resource in {PODS, NAMESPACES} or (held and "deletionTimestamp" in deleted["metadata"]):
            return json_response(deleted)
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
        return json_response({**status, "details": details_of(resource, name, uid=uid)})

    def delete_collection(self, target: Target, request: Request) -> Response:
        """Delete the objects that the client selects."""
        resource = target.resource
        deletion = _deletion(request, resource)
        selects = selection(resource, request)
        found = self._store.snapshot(resource, target.namespace or None, selects)
        deleted = []
        for stored in found.objects:
            metadata = stored.value["metadata"]
            try:
                self._store.delete(
                    resource, metadata.get("namespace", ""), metadata["name"], deletion=deletion
                )
            except StatusError as error:
                if error.code != 404:
                    raise
            deleted.append(stored.value)
        metadata = {"resourceVersion": str(self._store.history.version)}
        listed: JsonObject = {
            "apiVersion": resource.api_version,
            "kind": f"{resource.kind}List",
            "metadata": {**({"continue": ""} if resource.custom else {}), **metadata},
            "items": deleted,
        }
        return json_response(listed)


def _deletion(request: Request, resource: Resource) -> Deletion:
    body = read_json(request)
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise bad_request("the options of a delete are no object")
    query = request.query
    policy = query.get("propagationPolicy") or body.get("propagationPolicy")
    if policy is None and resource == JOBS:
        policy = "Orphan"  # the default of batch/v1 alone, for compatibility with old clients
    if policy is not None and policy not in _POLICIES:
        raise _unknown_policy(policy)
    grace = request.number("gracePeriodSeconds")
    if grace is None:
        grace = body.get("gracePeriodSeconds")
    preconditions = body.get("preconditions") or {}
    dry_run = query.get("dryRun") or "".join(body.get("dryRun") or [])
    return Deletion(
        propagation=policy,
        grace_seconds=grace,
        uid=preconditions.get("uid"),
        version=preconditions.get("resourceVersion"),
        dry_run=check_dry_run("DeleteOptions", dry_run),
    )


def _unknown_policy(policy: str) -> StatusError:
    supported = ", ".join(f'"{each}"' for each in (*_POLICIES, "nil"))
    message = f'Unsupported value: "{policy}": supported values: {supported}'
    cause = Cause(NOT_SUPPORTED, "propagationPolicy", message)
    return invalid("meta.k8s.io", "DeleteOptions", "", [cause])

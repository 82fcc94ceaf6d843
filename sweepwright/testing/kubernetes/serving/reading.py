"""Verbs `get` and `list`, with selectors, pages and versions."""

import base64
import json
from collections import OrderedDict

from ..store.history import Stored
from ..store.objects import ObjectStore, Snapshot
from ..store.resources import JsonObject, Resource
from ..store.selectors import Selects, field_selector, label_selector
from ..store.status_errors import (
    FORBIDDEN,
    Cause,
    StatusError,
    bad_request,
    expired,
    invalid,
    too_large_version,
)
from .messages import Request, Response, json_response
from .paths import Target

_KEPT_SNAPSHOTS = 100


def selection(resource: Resource, request: Request) -> Selects:
    """Return what tells whether a client selects an object."""
    by_label = label_selector(request.query.get("labelSelector", ""))
    by_field = field_selector(resource, request.query.get("fieldSelector", ""))
    return lambda found: by_label(found) and by_field(found)


def asked_version(request: Request) -> int | None:
    """Return the resource version of a query; None where it has none, 0 for any."""
    return request.number("resourceVersion")


class Reading:
    """Answers to reads; it keeps the snapshots of lists that clients read page by page."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._snapshots: OrderedDict[tuple[Resource, str, int], Snapshot] = OrderedDict()

    def get(self, target: Target) -> Response:
        """Answer an object."""
        found = self._store.stored(target.resource, target.namespace, target.name)
        return json_response(None, encoded=found.encoded)

    def list(self, target: Target, request: Request) -> Response:
        """Answer the objects that the client selects."""
        self._check_version(request)
        limit = request.number("limit") or 0
        token = request.query.get("continue", "")
        start, snapshot = self._continued(target, token) if token else ("", self._all(target))
        selects = selection(target.resource, request)
        items = [
            stored
            for stored in snapshot.objects
            if _place(stored) >= start and selects(stored.value)
        ]
        following = ""
        metadata: JsonObject = {"resourceVersion": str(snapshot.version)}
        if limit and len(items) > limit:
            following = self._keep(target, snapshot, items[limit])
            if not request.query.get("labelSelector") and not request.query.get("fieldSelector"):
                metadata["remainingItemCount"] = len(items) - limit
            items = items[:limit]
        if following or target.resource.custom:
            metadata["continue"] = following
        return json_response(None, encoded=_encoded_list(target.resource, metadata, items))

    def _all(self, target: Target) -> Snapshot:
        return self._store.snapshot(target.resource, target.namespace or None, lambda _: True)

    def _check_version(self, request: Request) -> None:
        version = asked_version(request)
        current = self._store.history.version
        if version is not None and version > current:
            raise too_large_version(version, current)
        match = request.query.get("resourceVersionMatch")
        if match and version is None:
            message = (
                "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
            )
            cause = Cause(FORBIDDEN, "resourceVersionMatch", message)
            raise invalid("meta.k8s.io", "ListOptions", "", [cause])
        exact = match == "Exact"
        if exact and version is not None and version < self._store.history.oldest:
            raise expired(version, self._store.history.oldest)

    def _keep(self, target: Target, snapshot: Snapshot, following: Stored) -> str:
        """Keep a snapshot for the next page, and return the token of that page."""
        with self._store.lock:
            self._snapshots[target.resource, target.namespace, snapshot.version] = snapshot
            while len(self._snapshots) > _KEPT_SNAPSHOTS:
                self._snapshots.popitem(last=False)
        place = {"v": "meta.k8s.io/v1", "rv": snapshot.version, "start": _place(following)}
        return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")

    def _continued(self, target: Target, token: str) -> tuple[str, Snapshot]:
        try:
            place = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            start, version = str(place["start"]), int(place["rv"])
        except (ValueError, KeyError, TypeError):
            raise bad_request("continue key is not valid") from None
        with self._store.lock:
            snapshot = self._snapshots.get((target.resource, target.namespace, version))
        if snapshot is None or version < self._store.history.oldest:
            raise StatusError(
                410,
                "Expired",
                "The provided continue parameter is too old to display a consistent list result. "
                "You must start a new list without the continue parameter.",
            )
        return start, snapshot


def _place(stored: Stored) -> str:
    metadata = stored.value["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata['name']}"


def _encoded_list(resource: Resource, metadata: JsonObject, items: list[Stored]) -> bytes:
    head = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version}
    opening = json.dumps({**head, "metadata": metadata}, separators=(",", ":"))[:-1]
    joined = b",".join(stored.encoded for stored in items)
    return opening.encode() + b',"items":[' + joined + b"]}"

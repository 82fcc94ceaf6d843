"""Access of controllers to the store: reads from the view, writes that the view learns at once.

Unlike a client of the server, a controller may write the whole object, meets no faults that are
injected into the server, and sees no conflicts. What it creates is reviewed as if a client had
sent it.
"""

import uuid
from collections.abc import Callable

from ..store.deletion import Deletion
from ..store.objects import ObjectStore
from ..store.resources import EVENTS, JOBS, PODS, JsonObject, Resource
from ..store.status_errors import StatusError
from .object_view import ObjectView
from .times import timestamp

Create = Callable[[Resource, str, JsonObject], JsonObject]


class ControllerClient:
    """Creates, edits and deletes objects, and records events; each write stands in the view."""

    def __init__(self, store: ObjectStore, view: ObjectView, create: Create) -> None:
        self.view = view
        self._store = store
        self._create = create

    def create(self, resource: Resource, namespace: str, body: JsonObject) -> JsonObject:
        """Create an object; raise `StatusError` if the server refuses it."""
        # Nobody refuses the others, which cost more to check than to create.
        create = self._create if resource in {JOBS, PODS} else self._store.create
        created = create(resource, namespace, body)
        self.view.apply("ADDED", resource, created)
        return created

    def edit(
        self, resource: Resource, found: JsonObject, change: Callable[[JsonObject], None]
    ) -> JsonObject | None:
        """Change the latest version of an object in place; return None if it is gone."""

        def changed(current: JsonObject) -> JsonObject:
            if current["metadata"]["uid"] == found["metadata"]["uid"]:
                change(current)
            return current

        metadata = found["metadata"]
        namespace = metadata.get("namespace", "")
        try:
            after = self._store.modify(resource, namespace, metadata["name"], changed)
        except StatusError as error:
            if error.code != 404:
                raise
            return None
        if after["metadata"]["uid"] != metadata["uid"]:
            return None
        self.view.apply("MODIFIED", resource, after)
        return after

    def delete(
        self, resource: Resource, found: JsonObject, *, grace_seconds: int | None = None
    ) -> None:
        """Delete an object, or ask for the end of a pod; one that is gone already is no error."""
        metadata = found["metadata"]
        deletion = Deletion("Background", grace_seconds, uid=metadata["uid"])
        try:
            self._store.delete(
                resource, metadata.get("namespace", ""), metadata["name"], deletion=deletion
            )
        except StatusError as error:
            if error.code not in {404, 409}:
                raise

    def read(self, resource: Resource, namespace: str, name: str) -> JsonObject | None:
        """Return the latest version of an object, which must not be changed, or None."""
        try:
            return self._store.stored(resource, namespace, name).value
        except StatusError as error:
            if error.code != 404:
                raise
            return None

    def record(
        self, about: JsonObject, kind: str, reason: str, message: str, component: str
    ) -> None:
        """Record an event about an object; `kind` is ``Normal`` or ``Warning``.

        A repetition counts up the earlier event, as the recorders of real controllers do.
        """
        metadata = about["metadata"]
        namespace = metadata.get("namespace", "default")
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{metadata['uid']} {reason} {message}").hex[:16]
        name = f"{metadata['name']}.{key}"
        now = timestamp()
        if (earlier := self.view.get(EVENTS, namespace, name)) is not None:
            self.edit(EVENTS, earlier, lambda event: _repeat(event, now))
            return
        body = {
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": _reference(about),
            "reason": reason,
            "message": message,
            "type": kind,
            "source": {"component": component},
            "reportingComponent": component,
            "reportingInstance": "",
            "firstTimestamp": now,
            "lastTimestamp": now,
            "eventTime": None,
            "count": 1,
        }
        self.create(EVENTS, namespace, body)


def _repeat(event: JsonObject, now: str) -> None:
    event.update(count=event["count"] + 1, lastTimestamp=now)


def _reference(found: JsonObject) -> JsonObject:
    metadata = found["metadata"]
    return {
        "apiVersion": found["apiVersion"],
        "kind": found["kind"],
        "name": metadata["name"],
        "namespace": metadata.get("namespace", ""),
        "uid": metadata["uid"],
        "resourceVersion": metadata["resourceVersion"],
    }

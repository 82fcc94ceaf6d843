"""Objects of a cluster in memory, as a server's database keeps them.

One lock guards everything. An object that is stored is never changed: a change stores a new one.
What the methods return are copies, which the caller may change. Subscribers are called in a thread
of the store, after each change and in order; what they are given they must not change.
"""

import copy
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import TypeAlias

from .deletion import Deletion, finalizers_after
from .history import Change, History, Stored, Watch
from .names import generated_name
from .resources import NAMESPACES, PODS, JsonObject, Resource
from .selectors import Selects, label_selector
from .status_errors import StatusError, already_exists, not_found
from .system_fields import is_released, keep_system_fields

Key: TypeAlias = tuple[str, str]
Subscriber: TypeAlias = Callable[[str, Resource, JsonObject], None]
Changed: TypeAlias = Callable[[JsonObject], JsonObject]

# A new server has counted some hundred changes before it serves the first client.
_FIRST_VERSION = 263
_LARGEST_OBJECT = 1536 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Objects of a kind as of one version."""

    version: int
    objects: list[Stored]


class ObjectStore:
    """Thread-safe store of objects with versions, watches and owners."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.lock = threading.RLock()
        self.history = History(_FIRST_VERSION)
        self._objects: dict[Resource, dict[Key, Stored]] = {}
        self._by_uid: dict[str, tuple[Resource, Key]] = {}
        self._now = now
        self._notices: SimpleQueue[Change | threading.Event | None] = SimpleQueue()
        self._subscribers: list[Subscriber] = []
        self._notifier: threading.Thread | None = None

    def create(
        self, resource: Resource, namespace: str, body: JsonObject, *, dry_run: bool = False
    ) -> JsonObject:
        """Store a new object under its name, or under one made from `generateName`."""
        created = copy.deepcopy(body)
        created.update(apiVersion=resource.api_version, kind=resource.kind)
        metadata = created.setdefault("metadata", {})
        with self.lock:
            if not metadata.get("name"):
                metadata["name"] = generated_name(metadata["generateName"])
            key = self._key(resource, namespace, metadata["name"])
            if key in self._of(resource):
                raise already_exists(resource, key[1])
            self._start(resource, namespace, created)
            if dry_run:
                return created
            return self._put("ADDED", resource, key, created, None)

    def get(self, resource: Resource, namespace: str, name: str) -> JsonObject:
        """Return a copy of an object."""
        return copy.deepcopy(self.stored(resource, namespace, name).value)

    def stored(self, resource: Resource, namespace: str, name: str) -> Stored:
        """Return an object as stored, which must not be changed."""
        with self.lock:
            found = self._of(resource).get(self._key(resource, namespace, name))
        if found is None:
            raise not_found(resource, name)
        return found

    def list(
        self, resource: Resource, namespace: str | None = None, selector: str = ""
    ) -> list[JsonObject]:
        """Return copies of the objects of a kind, those of a namespace if one is given."""
        found = self.snapshot(resource, namespace, label_selector(selector))
        return [copy.deepcopy(stored.value) for stored in found.objects]

    def snapshot(self, resource: Resource, namespace: str | None, selects: Selects) -> Snapshot:
        """Return the objects that a client selects, by name, and the version of the store."""
        with self.lock:
            version = self.history.version
            items = sorted(self._of(resource).items())
        kept = [
            stored
            for (where, _), stored in items
            if (not namespace or where == namespace) and selects(stored.value)
        ]
        return Snapshot(version, kept)

    def update(self, resource: Resource, namespace: str, body: JsonObject) -> JsonObject:
        """Replace an object, its status too; a stale `resourceVersion` is a conflict."""
        return self.modify(resource, namespace, body["metadata"]["name"], lambda _: body)

    def patch_status(
        self, resource: Resource, namespace: str, name: str, status: Mapping[str, object]
    ) -> JsonObject:
        """Set the given keys of an object's status and leave its other keys."""

        def changed(current: JsonObject) -> JsonObject:
            return {**current, "status": {**(current.get("status") or {}), **status}}

        return self.modify(resource, namespace, name, changed)

    def modify(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        changed: Changed,
        *,
        dry_run: bool = False,
    ) -> JsonObject:
        """Store what `changed` makes of a copy of an object; it is called under the lock."""
        with self.lock:
            current = self.stored(resource, namespace, name)
            after = copy.deepcopy(changed(copy.deepcopy(current.value)))
            keep_system_fields(resource, name, current.value, after)
            if after == current.value or dry_run:
                return after
            key = self._key(resource, namespace, name)
            if is_released(after):
                self._remove(resource, key, Stored(after))
                return after
            return self._put("MODIFIED", resource, key, after, current)

    def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        propagation: str | None = None,
        *,
        deletion: Deletion | None = None,
    ) -> JsonObject:
        """Delete an object, or mark it as being deleted while something holds it."""
        wanted = deletion or Deletion(propagation=propagation)
        with self.lock:
            current = self.stored(resource, namespace, name)
            wanted.check(resource, current.value)
            if wanted.dry_run:
                return copy.deepcopy(current.value)
            after = copy.deepcopy(current.value)
            metadata = after["metadata"]
            metadata["finalizers"] = finalizers_after(metadata.get("finalizers", []), wanted)
            if not metadata["finalizers"]:
                del metadata["finalizers"]
            grace = wanted.grace_of(after) if resource == PODS else 0
            return self._mark_or_remove(resource, current, after, grace)

    @contextmanager
    def watching(self, watch: Watch, since: int | None) -> Iterator[Snapshot]:
        """Feed a watch while the block runs; yield what there is when it begins."""
        with self.lock:
            current = self.snapshot(watch.resource, watch.namespace, watch.selects)
            self.history.open(watch, since)
        try:
            yield current
        finally:
            with self.lock:
                self.history.close(watch)

    def locate(self, uid: str) -> tuple[Resource, str, str] | None:
        """Return the kind, namespace and name of the object of a uid, if it is stored."""
        with self.lock:
            found = self._by_uid.get(uid)
        return None if found is None else (found[0], *found[1])

    def remove_namespace(self, name: str) -> None:
        """Remove a namespace whose contents are gone."""
        with self.lock:
            last = copy.deepcopy(self.stored(NAMESPACES, "", name).value)
            self._remove(NAMESPACES, ("", name), Stored(last))

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call back after each change from now on, with its type, the kind and the object."""
        with self.lock:
            self._subscribers.append(subscriber)
            if self._notifier is None:
                self._notifier = threading.Thread(
                    target=self._notify, name="kubernetes-store", daemon=True
                )
                self._notifier.start()

    def close(self) -> None:
        """End the thread that calls subscribers."""
        if self._notifier is not None:
            self._notices.put(None)
            self._notifier.join()

    def flush(self) -> None:
        """Wait until the subscribers have been told of all changes so far."""
        if self._notifier is not None:
            told = threading.Event()
            self._notices.put(told)
            told.wait()

    def _notify(self) -> None:
        while (change := self._notices.get()) is not None:
            if isinstance(change, threading.Event):
                change.set()
                continue
            for subscriber in tuple(self._subscribers):
                subscriber(change.type, change.resource, change.stored.value)

    def _of(self, resource: Resource) -> dict[Key, Stored]:
        return self._objects.setdefault(resource, {})

    def _key(self, resource: Resource, namespace: str, name: str) -> Key:
        return (namespace if resource.namespaced else "", name)

    def _start(self, resource: Resource, namespace: str, created: JsonObject) -> None:
        metadata = created["metadata"]
        for key in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"):
            metadata.pop(key, None)
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata["creationTimestamp"] = self.timestamp()
        if resource.namespaced:
            metadata["namespace"] = namespace
        if "spec" in created and resource != NAMESPACES:
            metadata["generation"] = 1

    def timestamp(self) -> str:
        """Return the time as objects have it, in whole seconds."""
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _put(
        self, kind: str, resource: Resource, key: Key, value: JsonObject, previous: Stored | None
    ) -> JsonObject:
        value["metadata"]["resourceVersion"] = str(self.history.next_version())
        stored = Stored(value)
        if len(stored.encoded) > _LARGEST_OBJECT:
            raise StatusError(500, "", "etcdserver: request is too large")
        self._of(resource)[key] = stored
        self._by_uid[value["metadata"]["uid"]] = (resource, key)
        self._tell(Change(kind, resource, stored, previous))
        return copy.deepcopy(value)

    def _tell(self, change: Change) -> None:
        self.history.add(change)
        if self._notifier is not None:
            self._notices.put(change)

    def _mark_or_remove(
        self, resource: Resource, current: Stored, after: JsonObject, grace: int
    ) -> JsonObject:
        metadata = after["metadata"]
        key = self._key(resource, metadata.get("namespace", ""), metadata["name"])
        if "finalizers" not in metadata and not grace and resource != NAMESPACES:
            return self._remove(resource, key, Stored(after))
        metadata.setdefault("deletionTimestamp", self.timestamp())
        if resource == NAMESPACES:
            after["status"] = {"phase": "Terminating"}
        elif grace < metadata.get("deletionGracePeriodSeconds", grace + 1):
            metadata["deletionGracePeriodSeconds"] = grace
        if after == current.value:
            return after
        return self._put("MODIFIED", resource, key, after, current)

    def _remove(self, resource: Resource, key: Key, last: Stored) -> JsonObject:
        value = last.value
        previous = self._of(resource).pop(key)
        self._by_uid.pop(value["metadata"]["uid"], None)
        value["metadata"]["resourceVersion"] = str(self.history.next_version())
        self._tell(Change("DELETED", resource, last, previous))
        return copy.deepcopy(value)

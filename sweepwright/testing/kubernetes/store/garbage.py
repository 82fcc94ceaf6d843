"""Garbage collection: dependents follow their owners, and namespaces take their contents along.

A thread looks at the objects that a change may concern, some time after the change, as the
controllers of a real cluster do: who deletes an owner must not rely on its dependents being gone.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from .deletion import FOREGROUND, ORPHAN
from .objects import ObjectStore
from .resources import NAMESPACES, JsonObject, Resource
from .status_errors import StatusError

_Address: TypeAlias = tuple[Resource, str, str]


class GarbageCollector:
    """Thread that deletes what has lost its owners and releases what waits for dependents."""

    def __init__(self, store: ObjectStore, delay_seconds: float) -> None:
        self._store = store
        self._delay = delay_seconds
        self._dependents: dict[str, set[_Address]] = {}
        self._contents: dict[str, set[_Address]] = {}
        self._suspects: set[_Address] = set()
        self._wake = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="kubernetes-garbage-collector", daemon=True
        )
        store.subscribe(self._notice)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        with self._wake:
            self._wake.notify_all()
        self._thread.join()

    def _notice(self, kind: str, resource: Resource, found: JsonObject) -> None:
        """Note whom a change may concern: the object, its owners, its dependents."""
        address = _address(resource, found)
        uid = found["metadata"]["uid"]
        with self._wake:
            self._index(kind, address, found)
            if kind == "DELETED":
                self._suspects |= self._dependents.get(uid, set())
                self._suspects |= self._owners(found)
                self._suspects.add((NAMESPACES, "", address[1]))
            elif "deletionTimestamp" in found["metadata"] or _owner_uids(found):
                self._suspects.add(address)
            if self._suspects:
                self._wake.notify_all()

    def _index(self, kind: str, address: _Address, found: JsonObject) -> None:
        groups = [self._dependents.setdefault(uid, set()) for uid in _owner_uids(found)]
        if address[1]:
            groups.append(self._contents.setdefault(address[1], set()))
        for group in groups:
            if kind == "DELETED":
                group.discard(address)
            else:
                group.add(address)

    def _owners(self, found: JsonObject) -> set[_Address]:
        store = self._store
        located = (store.locate(uid) for uid in _owner_uids(found))
        return {owner for owner in located if owner is not None}

    def _run(self) -> None:
        while not self._closing.is_set():
            with self._wake:
                self._wake.wait_for(lambda: bool(self._suspects) or self._closing.is_set())
            self._closing.wait(self._delay)
            with self._wake:
                suspects, self._suspects = self._suspects, set()
            for suspect in suspects:
                if not self._closing.is_set():
                    self._check(suspect)

    def _check(self, address: _Address) -> None:
        with _unless_gone():
            found = self._store.stored(*address).value
            if "deletionTimestamp" in found["metadata"]:
                self._continue_deletion(address, found)
            elif self._lost_all_owners(found):
                self._store.delete(*address, propagation="Background")

    def _lost_all_owners(self, found: JsonObject) -> bool:
        owners = _owner_uids(found)
        return bool(owners) and not any(self._store.locate(uid) for uid in owners)

    def _continue_deletion(self, address: _Address, found: JsonObject) -> None:
        finalizers = found["metadata"].get("finalizers", [])
        if address[0] == NAMESPACES:
            self._empty_namespace(address)
        elif FOREGROUND in finalizers:
            if not self._delete_dependents(found["metadata"]["uid"]):
                self._release(address, FOREGROUND)
        elif ORPHAN in finalizers:
            self._orphan_dependents(found["metadata"]["uid"])
            self._release(address, ORPHAN)

    def _empty_namespace(self, address: _Address) -> None:
        with self._wake:
            contents = set(self._contents.get(address[2], ()))
        for content in contents:
            self._delete(content, "Background")
        if not contents:
            self._store.remove_namespace(address[2])

    def _delete_dependents(self, uid: str) -> bool:
        """Delete the dependents of an object; tell whether any of them still blocks it."""
        with self._wake:
            dependents = set(self._dependents.get(uid, ()))
        blocked = False
        for dependent in dependents:
            reference = self._reference(dependent, uid)
            if reference is None:
                continue
            blocked |= bool(reference.get("blockOwnerDeletion"))
            self._delete(dependent, self._propagation_for(dependent))
        return blocked

    def _propagation_for(self, address: _Address) -> str:
        with self._wake:
            uid = self._store.stored(*address).value["metadata"]["uid"]
            return "Foreground" if self._dependents.get(uid) else "Background"

    def _reference(self, address: _Address, uid: str) -> JsonObject | None:
        try:
            found = self._store.stored(*address).value
        except StatusError:
            return None
        references: list[JsonObject] = found["metadata"].get("ownerReferences") or []
        return next((each for each in references if each["uid"] == uid), None)

    def _delete(self, address: _Address, propagation: str) -> None:
        with _unless_gone():
            found = self._store.stored(*address).value
            if "deletionTimestamp" not in found["metadata"]:
                self._store.delete(*address, propagation=propagation)

    def _orphan_dependents(self, uid: str) -> None:
        def without_owner(found: JsonObject) -> JsonObject:
            references = found["metadata"].get("ownerReferences") or []
            found["metadata"]["ownerReferences"] = [r for r in references if r["uid"] != uid]
            return found

        with self._wake:
            dependents = self._dependents.pop(uid, set())
        for dependent in dependents:
            with _unless_gone():
                self._store.modify(*dependent, without_owner)

    def _release(self, address: _Address, finalizer: str) -> None:
        def without_finalizer(found: JsonObject) -> JsonObject:
            finalizers = found["metadata"].get("finalizers", [])
            found["metadata"]["finalizers"] = [name for name in finalizers if name != finalizer]
            return found

        self._store.modify(*address, without_finalizer)


@contextmanager
def _unless_gone() -> Iterator[None]:
    """Do nothing with an object that somebody else has deleted meanwhile."""
    try:
        yield
    except StatusError as error:
        if error.code != 404:
            raise


def _address(resource: Resource, found: JsonObject) -> _Address:
    return resource, found["metadata"].get("namespace", ""), found["metadata"]["name"]


def _owner_uids(found: JsonObject) -> list[str]:
    return [owner["uid"] for owner in found["metadata"].get("ownerReferences") or []]

"""What the controllers know of the store's objects, by name and by owner.

The store tells of its changes after a while. What a controller has written itself it knows at
once, so that it does not do the same thing twice; the store's later word on it is then old news.
"""

from collections.abc import Iterator
from typing import TypeAlias

from ..store.resources import JsonObject, Resource

_Address: TypeAlias = tuple[Resource, str, str]


def version_of(found: JsonObject) -> int:
    """Return the version of an object."""
    return int(found["metadata"]["resourceVersion"])


def uid_of(found: JsonObject) -> str:
    """Return the uid of an object."""
    return str(found["metadata"]["uid"])


def controller_uid(found: JsonObject) -> str | None:
    """Return the uid of the object that controls this one."""
    owners = found["metadata"].get("ownerReferences") or []
    return next((owner["uid"] for owner in owners if owner.get("controller")), None)


class ObjectView:
    """The latest known version of each object; objects are never changed."""

    def __init__(self) -> None:
        self._objects: dict[Resource, dict[tuple[str, str], JsonObject]] = {}
        self._dependents: dict[str, dict[_Address, None]] = {}

    def apply(self, change: str, resource: Resource, found: JsonObject) -> bool:
        """Take note of a change; tell whether it is news."""
        metadata = found["metadata"]
        name = (metadata.get("namespace", ""), metadata["name"])
        known = self._objects.setdefault(resource, {})
        if name in known and version_of(known[name]) >= version_of(found):
            return False
        if change == "DELETED":
            self._forget(resource, name)
            return True
        self._forget(resource, name)
        known[name] = found
        if (owner := controller_uid(found)) is not None:
            self._dependents.setdefault(owner, {})[(resource, *name)] = None
        return True

    def _forget(self, resource: Resource, name: tuple[str, str]) -> None:
        gone = self._objects[resource].pop(name, None)
        owner = None if gone is None else controller_uid(gone)
        if owner is not None:
            self._dependents.get(owner, {}).pop((resource, *name), None)

    def get(self, resource: Resource, namespace: str, name: str) -> JsonObject | None:
        """Return an object, or None if there is none of the name."""
        return self._objects.get(resource, {}).get((namespace, name))

    def all(self, resource: Resource) -> list[JsonObject]:
        """Return all objects of a kind."""
        return list(self._objects.get(resource, {}).values())

    def controlled_by(self, owner: JsonObject, resource: Resource) -> Iterator[JsonObject]:
        """Yield the objects of a kind that an object controls, by name."""
        addresses = self._dependents.get(uid_of(owner), {})
        for address in sorted(a[1:] for a in addresses if a[0] == resource):
            yield self._objects[resource][address]

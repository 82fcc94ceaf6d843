"""Paths of the API: which kind, namespace, object and sub-resource each of them names."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from ..access import Access
from ..store.resources import NAMESPACES, Resource


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    part: str = ""
    """Sub-resource: `status`, `log` …; empty for the object itself."""

    @property
    def plural(self) -> str:
        """Return the plural with the sub-resource, as rules name it."""
        return f"{self.resource.plural}/{self.part}" if self.part else self.resource.plural

    def access(self, verb: str) -> Access:
        """Return what a verb wants of the target."""
        namespace = self.name if self.resource == NAMESPACES else self.namespace
        return Access(verb, self.resource.group, self.plural, namespace, self.name)


class Paths:
    """The kinds that are served, by the paths at which they are."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)
        self._kinds = {(each.api_version, each.plural): each for each in self.resources}

    def find(self, path: str) -> Target | None:
        """Return what a path names, or None if it names nothing."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts[0] == "api" and len(parts) >= 3:
            return self._within(parts[1], parts[2:])
        if parts[0] == "apis" and len(parts) >= 4:
            return self._within(f"{parts[1]}/{parts[2]}", parts[3:])
        return None

    def _within(self, api_version: str, parts: list[str]) -> Target | None:
        namespace = ""
        # `namespaces/x` and `namespaces/x/status` are about the namespace itself.
        if parts[0] == "namespaces" and len(parts) >= 3 and parts[2] not in {"status", "finalize"}:
            namespace, parts = parts[1], parts[2:]
        resource = self._kinds.get((api_version, parts[0]))
        if resource is None or len(parts) > 3 or (namespace and not resource.namespaced):
            return None
        name = parts[1] if len(parts) > 1 else ""
        part = parts[2] if len(parts) > 2 else ""
        if resource.namespaced and name and not namespace:
            return None
        return Target(resource, namespace, name, part) if self._has(resource, part) else None

    def _has(self, resource: Resource, part: str) -> bool:
        return (
            not part
            or (part == "status" and resource.status)
            or (part == "log" and resource.kind == "Pod")
        )


def verb_of(method: str, target: Target, *, watch: bool) -> str | None:
    """Return the verb that a method means for a target; None where it means none."""
    if target.name:
        verbs = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
    else:
        verbs = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
    if target.part == "log":
        verbs = {"GET": "get"}
    elif target.part:
        verbs.pop("DELETE", None)
    verb = verbs.get(method)
    return "watch" if watch and verb in {"list", "get"} and target.part != "log" else verb

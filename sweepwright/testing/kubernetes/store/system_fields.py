"""Fields of metadata that clients cannot change."""

from .resources import JsonObject, Resource
from .status_errors import conflict

_FIXED = (
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "resourceVersion",
    "generateName",
)


def keep_system_fields(
    resource: Resource, name: str, before: JsonObject, after: JsonObject
) -> None:
    """Restore the server's own fields in a changed object, and count a change of its spec.

    Raises
    ------
    StatusError
        If the change is based on an older version.
    """
    old, new = before["metadata"], after.setdefault("metadata", {})
    version = new.get("resourceVersion")
    if version and version != old["resourceVersion"]:
        raise conflict(resource, name)
    for key in _FIXED:
        new.pop(key, None)
        if key in old:
            new[key] = old[key]
    if "generation" in old and before.get("spec") != after.get("spec"):
        new["generation"] = old["generation"] + 1


def is_released(value: JsonObject) -> bool:
    """Tell whether an object was only held by finalizers that are gone now."""
    metadata = value["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
        return False
    return not metadata.get("deletionGracePeriodSeconds") and value["kind"] != "Namespace"

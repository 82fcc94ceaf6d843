"""How an object is to be deleted, and what holds it."""

from dataclasses import dataclass

from .resources import JsonObject, Resource
from .status_errors import precondition_failed

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
_DEFAULT_GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Deletion:
    """Options of a delete request."""

    propagation: str | None = None
    """`Foreground`, `Background` or `Orphan`; None is as `Background`."""
    grace_seconds: int | None = None
    uid: str | None = None
    """The object is deleted only if it has this uid."""
    version: str | None = None
    """The object is deleted only if it has this resource version."""
    dry_run: bool = False

    def check(self, resource: Resource, current: JsonObject) -> None:
        """Refuse to delete an object that is not the one meant."""
        metadata = current["metadata"]
        for what, field, expected in (
            ("UID", "uid", self.uid),
            ("ResourceVersion", "resourceVersion", self.version),
        ):
            found = metadata[field]
            if expected and expected != found:
                raise precondition_failed(
                    resource,
                    metadata["name"],
                    f"the {what} in the precondition ({expected}) does not match the {what} in "
                    f"record ({found})",
                )

    def grace_of(self, pod: JsonObject) -> int:
        """Return how long a pod may take to end: no time where none of it runs on a node."""
        spec = pod.get("spec", {})
        finished = pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}
        if not spec.get("nodeName") or finished:
            return 0
        if self.grace_seconds is not None:
            return self.grace_seconds
        return int(spec.get("terminationGracePeriodSeconds", _DEFAULT_GRACE_SECONDS))


def finalizers_after(finalizers: list[str], deletion: Deletion) -> list[str]:
    """Return the finalizers of an object once its deletion was asked for."""
    kept = [name for name in finalizers if name not in {FOREGROUND, ORPHAN}]
    match deletion.propagation:
        case "Foreground":
            return [*kept, FOREGROUND]
        case "Orphan":
            return [*kept, ORPHAN]
        case "Background":
            return kept
        case _:
            return list(finalizers)

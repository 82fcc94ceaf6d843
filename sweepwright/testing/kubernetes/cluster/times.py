"""Times and conditions as the statuses of objects have them."""

from datetime import UTC, datetime
from typing import Any

from ..store.resources import JsonObject


def timestamp(moment: float | None = None) -> str:
    """Return a time, now by default, in the whole seconds of `metav1.Time`."""
    when = datetime.now(UTC) if moment is None else datetime.fromtimestamp(moment, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_since(text: str) -> float:
    """Return how long ago a time of an object was."""
    return (datetime.now(UTC) - datetime.fromisoformat(text)).total_seconds()


def find_condition(status: JsonObject, kind: str) -> JsonObject | None:
    """Return the condition of a type in a status."""
    conditions: list[JsonObject] = status.get("conditions") or []
    return next((each for each in conditions if each["type"] == kind), None)


def is_true(status: JsonObject, kind: str) -> bool:
    """Tell whether the condition of a type holds."""
    found = find_condition(status, kind)
    return found is not None and found["status"] == "True"


def set_condition(status: JsonObject, kind: str, value: str, **told: Any) -> None:
    """Set the condition of a type in place; its transition time changes with its value only."""
    conditions = status.setdefault("conditions", [])
    found = find_condition(status, kind)
    if found is None:
        conditions.append(
            {"type": kind, "status": value, "lastTransitionTime": timestamp(), **told}
        )
        return
    if found["status"] != value:
        found["lastTransitionTime"] = timestamp()
    found.update(status=value, **told)

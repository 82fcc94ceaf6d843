"""Conditions of training jobs (`kubeflow.org/v1`), which exclude and end one another.

Follows `UpdateJobConditions` of training-operator v1.9: a condition that changes moves to the end;
`Running` and `Restarting` replace each other; `Running` turns False when the job has ended.
"""

from ...store.resources import JsonObject
from ..times import find_condition, is_true, timestamp

CREATED = "Created"
RUNNING = "Running"
RESTARTING = "Restarting"
SUSPENDED = "Suspended"
SUCCEEDED = "Succeeded"
FAILED = "Failed"

_REPLACED = {RESTARTING: RUNNING, RUNNING: RESTARTING}


def is_finished(status: JsonObject) -> bool:
    """Tell whether a training job has succeeded or failed."""
    return is_true(status, SUCCEEDED) or is_true(status, FAILED)


def update_condition(
    status: JsonObject, kind: str, reason: str, message: str, value: str = "True"
) -> bool:
    """Set a condition of a training job in place; tell whether that changed anything."""
    current = find_condition(status, kind)
    if current and (current["status"], current["reason"]) == (value, reason):
        return False
    now = timestamp()
    same = current is not None and current["status"] == value
    condition = {
        "type": kind,
        "status": value,
        "reason": reason,
        "message": message,
        "lastUpdateTime": now,
        "lastTransitionTime": current["lastTransitionTime"] if same and current else now,
    }
    status["conditions"] = [*_others(status, kind), condition]
    return True


def _others(status: JsonObject, kind: str) -> list[JsonObject]:
    """Return the other conditions, as the one that is set leaves them."""
    kept = []
    for condition in status.get("conditions") or []:
        if condition["type"] in {kind, _REPLACED.get(kind)}:
            continue
        ends = kind in {FAILED, SUCCEEDED} and condition["type"] == RUNNING
        kept.append({**condition, "status": "False"} if ends else condition)
    return kept

"""The termination message, which Kubernetes keeps in the status of a pod after its end.

Kubernetes makes the file, and cuts what is longer than 4 KiB.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import Any

_LONGEST_REASON = 500
_LONGEST_JSON = 1500
"""Bytes of a reason in JSON, in which a character takes up to twelve. All containers of a pod,
those of others included, have 12 KiB."""


def write_outcome(path: str | None, outcome: dict[str, Any], records: int) -> None:
    """Write how the job has ended, as ``failure`` or ``refused``, and the number of records."""
    if path is None:
        return
    message = json.dumps({"sweepwright_ended": {**shortened(outcome), "records": records}})
    # The file is missing outside of Kubernetes, and must not be made there.
    with suppress(OSError):
        file = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        try:
            os.write(file, message.encode("ascii"))
        finally:
            os.close(file)


def shortened(outcome: dict[str, Any]) -> dict[str, Any]:
    """Shorten the texts of an outcome, so that it fits."""
    failure = outcome.get("failure")
    if failure:
        return {"failure": {**failure, "message": _short(failure["message"])}}
    if "refused" in outcome:
        return {"refused": _short(outcome["refused"])}
    return {"failure": None}


def _short(reason: str) -> str:
    reason = reason[:_LONGEST_REASON]
    while len(json.dumps(reason)) > _LONGEST_JSON:
        reason = reason[:-10]
    return reason

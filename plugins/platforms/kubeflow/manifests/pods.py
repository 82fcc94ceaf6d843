"""What a pod of the cluster tells about itself: the role and rank of its process."""

from collections.abc import Mapping
from typing import Any

from .kinds import JobKind
from .metadata import REPORTS, ROLE


def pod_member(kind: JobKind, pod: Mapping[str, Any]) -> tuple[str, int]:
    """Return the role and the rank of a pod's process."""
    metadata = pod.get("metadata") or {}
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    number = labels.get(kind.rank_label) or annotations.get(kind.rank_label) or "0"
    return labels.get(ROLE, ""), int(number) if str(number).isdecimal() else 0


def is_reporting_pod(kind: JobKind, pod: Mapping[str, Any]) -> bool:
    """Tell whether a pod runs the process whose reports count: rank 0 of the reporting role."""
    labels = (pod.get("metadata") or {}).get("labels") or {}
    return labels.get(REPORTS) == "true" and pod_member(kind, pod)[1] == 0

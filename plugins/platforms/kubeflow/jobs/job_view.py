"""What the platform reads of a job object, whatever its kind.

The operators of Kubeflow set the conditions `Succeeded` and `Failed`, `TrainJob` and `Job` set
`Complete` and `Failed`. Only a condition whose status is ``True`` counts: when a job ends, its
condition `Running` stays in the list and becomes ``False``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.events import Json

from ..api.errors import one_line
from ..api.resources import Resource
from ..manifests.metadata import SWEEP
from .pod_view import AttemptKey, attempt_of, owner_job

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
_GOOD = ("Succeeded", "Complete")


@dataclass(frozen=True, slots=True)
class JobView:
    """A job object, as last seen."""

    name: str
    """Name of the object."""
    uid: str
    job: str
    """Name of the sweepwright job that the object was made for; empty if it was made by others."""
    sweep: str
    attempt: AttemptKey | None
    """Trial and attempt that the job was made for."""
    resource: Resource
    succeeded: bool
    failed: tuple[str, str] | None
    """Reason and message of the condition `Failed`; None if the job has not failed."""
    suspended: bool
    queue: str
    """Name of the queue that admits the job; empty if there is none."""
    noticed: bool
    """Whether an operator has written a status."""
    deleting: bool

    @property
    def finished(self) -> bool:
        """Whether the operator has done with the job."""
        return self.succeeded or self.failed is not None


def read_job(found: Json, resource: Resource) -> JobView:
    """Read a job object of the API."""
    metadata, spec, status = found["metadata"], found.get("spec") or {}, found.get("status") or {}
    labels = metadata.get("labels") or {}
    true = {each.get("type"): each for each in _true_conditions(status)}
    failed = true.get("Failed")
    return JobView(
        name=metadata["name"],
        uid=metadata.get("uid", ""),
        job=owner_job(found),
        sweep=labels.get(SWEEP, ""),
        attempt=attempt_of(found),
        resource=resource,
        succeeded=any(kind in true for kind in _GOOD),
        failed=failed and (failed.get("reason") or "", one_line(failed.get("message") or "")),
        suspended=_asks_for_suspension(spec) or "Suspended" in true,
        queue=labels.get(QUEUE_LABEL, ""),
        noticed=bool(status),
        deleting="deletionTimestamp" in metadata,
    )


def _true_conditions(status: Json) -> Iterator[Json]:
    return (each for each in status.get("conditions") or [] if each.get("status") == "True")


def _asks_for_suspension(spec: Json) -> bool:
    return bool(spec.get("suspend") or (spec.get("runPolicy") or {}).get("suspend"))

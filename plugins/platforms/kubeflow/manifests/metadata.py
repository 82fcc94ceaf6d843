"""Labels and annotations, by which the objects of a sweep are found and recognised."""

import json
from collections.abc import Mapping
from typing import Any

from sweepwright.contracts import Job
from sweepwright.events import Json

from ..names import LABEL_LENGTH, label_value
from ..options import PodOptions

MANAGED_BY = "app.kubernetes.io/managed-by"
SWEEP = "sweepwright.dev/sweep"
TRIAL = "sweepwright.dev/trial"
ATTEMPT = "sweepwright.dev/attempt"
ROLE = "sweepwright.dev/role"
REPORTS = "sweepwright.dev/reports"
JOB = "sweepwright.dev/job"
"""Annotation with the name of the job in the sweep."""
ASSIGNMENT = "sweepwright.dev/assignment"
"""Annotation with the parameters of the trial, for people."""
OURS = "sweepwright.dev/"
_MAX_ASSIGNMENT = 16 << 10
"""Longest assignment that is annotated. Kubernetes allows 256 KiB for all annotations."""
# Namespaces of Kubeflow's profiles inject a proxy into each pod. It never ends, so that the job
# would not end either. Old versions of Istio read the annotation, and new ones the label.
_NO_PROXY = {"sidecar.istio.io/inject": "false"}


def sweep_labels(sweep: str) -> dict[str, str]:
    """Return the labels of everything that belongs to a sweep."""
    return {MANAGED_BY: "sweepwright", SWEEP: label_value(sweep)}


def sweep_selector(sweep: str) -> str:
    """Return the selector of everything that belongs to a sweep."""
    return ",".join(f"{key}={value}" for key, value in sweep_labels(sweep).items())


def job_labels(sweep: str, job: Job, given: PodOptions) -> dict[str, str]:
    """Return the labels of a job, and of its pods."""
    return {
        **_NO_PROXY,
        **(given.labels or {}),
        **sweep_labels(sweep),
        TRIAL: _number(job.trial),
        ATTEMPT: _number(job.attempt),
    }


def pod_labels(
    sweep: str, job: Job, given: PodOptions, *, role: str, reports: bool
) -> dict[str, str]:
    """Return the labels of the pods of a role."""
    return {
        **job_labels(sweep, job, given),
        ROLE: label_value(role),
        REPORTS: str(reports).lower(),
    }


def job_annotations(job: Job, given: PodOptions) -> dict[str, str]:
    """Return the annotations of a job, and of its pods."""
    found = {**_NO_PROXY, **(given.annotations or {}), JOB: job.name}
    assignment = _assignment(job)
    if assignment is not None and len(assignment) <= _MAX_ASSIGNMENT:
        found[ASSIGNMENT] = assignment
    return found


def _assignment(job: Job) -> str | None:
    try:
        trial: Any = json.loads(job.environment.get("SWEEPWRIGHT_TRIAL", ""))
    except ValueError:
        return None
    parameters: Json = trial.get("assignment") if isinstance(trial, dict) else None
    return json.dumps(parameters) if isinstance(parameters, Mapping) else None


def _number(number: int) -> str:
    return str(number)[:LABEL_LENGTH]

"""The manifest of a job; the same job always has the same manifest."""

from collections.abc import Callable, Mapping
from typing import Any

from sweepwright.contracts import Job
from sweepwright.events import Json

from ..names import job_name
from ..options import KubeflowOptions
from .batch_job import batch_job_spec
from .config_map import config_map_name
from .kinds import JOB, PYTORCH_JOB, TF_JOB, TRAIN_JOB, choose_kind
from .metadata import job_annotations, job_labels
from .places import Contents
from .pod_template import JobContext
from .replica_jobs import pytorch_job_spec, tf_job_spec
from .train_job import merge_roles, train_job_spec

QUEUE = "kueue.x-k8s.io/queue-name"
_SPECS: Mapping[str, Callable[[JobContext], Json]] = {
    PYTORCH_JOB.name: pytorch_job_spec,
    TF_JOB.name: tf_job_spec,
    TRAIN_JOB.name: train_job_spec,
    JOB.name: batch_job_spec,
}


def job_manifest(options: KubeflowOptions, sweep: str, contents: Contents, job: Job) -> Json:
    """Return the manifest of a job, as it is submitted.

    Raises
    ------
    ValueError
        When the job does not fit into a manifest, such as a program with very long arguments.
    """
    kind = choose_kind(options, job.kind, job.roles)
    assert kind is not None, "a check of the options reports a trial of no kind"
    name = job_name(sweep, job.trial, job.attempt)
    whole = merge_roles(job) if kind is TRAIN_JOB else job
    context = JobContext(
        options, sweep, name, kind, whole, config_map_name(sweep, contents), contents
    )
    return {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {
            "name": name,
            **({"namespace": options.namespace} if options.namespace else {}),
            "labels": {
                **job_labels(sweep, job, options),
                **({QUEUE: options.queue} if options.queue else {}),
            },
            "annotations": job_annotations(job, options),
        },
        "spec": _SPECS[kind.name](context),
    }


def owned(manifest: Mapping[str, Any], owner: Mapping[str, Any]) -> Json:
    """Return a manifest whose object is deleted with its owner, which is in the cluster."""
    metadata = owner["metadata"]
    # `blockOwnerDeletion` would need the permission to update the owner's finalizers.
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": False,
        "blockOwnerDeletion": False,
    }
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [reference]}}

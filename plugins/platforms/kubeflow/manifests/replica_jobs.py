"""Jobs of the training operator, ``PyTorchJob`` and ``TFJob``: one replica spec for each role."""

from typing import Any

from sweepwright.contracts import Role
from sweepwright.events import Json

from .kinds import CHIEFS, operator_role
from .pod_template import JobContext, pod_template


def pytorch_job_spec(context: JobContext) -> Json:
    """Describe a PyTorchJob, whose master is rank 0 and reports."""
    # Each process has its own container, and so its own accelerators.
    return {
        "nprocPerNode": "1",
        "runPolicy": _run_policy(context),
        "pytorchReplicaSpecs": _replica_specs(context),
    }


def tf_job_spec(context: JobContext) -> Json:
    """Describe a TFJob."""
    spec: dict[str, Any] = {
        "runPolicy": _run_policy(context),
        "tfReplicaSpecs": _replica_specs(context),
    }
    if not any(role.name in CHIEFS for role in context.job.roles):
        # Without a chief, the operator would wait for the first worker alone.
        spec["successPolicy"] = "AllWorkers"
    return spec


def _replica_specs(context: JobContext) -> Json:
    roles = context.job.roles
    return {
        operator_role(context.kind, role, roles): _replica_spec(context, role) for role in roles
    }


def _replica_spec(context: JobContext, role: Role) -> Json:
    template: Any = pod_template(context, role)
    # The operator writes the policy of the replica spec over that of the template, and warns.
    policy = template["spec"].pop("restartPolicy")
    return {"replicas": role.replicas, "restartPolicy": policy, "template": template}


def _run_policy(context: JobContext) -> Json:
    options = context.options
    given = options.run_policy
    policy: dict[str, Json] = {
        # Finished pods stay until their logs have been read; then the driver deletes the job. With
        # a `backoffLimit` of 0 the operator would delete all pods as soon as one has failed.
        "cleanPodPolicy": "Running",
        "activeDeadlineSeconds": given.active_deadline,
        "ttlSecondsAfterFinished": given.ttl,
        "suspend": True if options.suspend or options.queue else None,
    }
    return {name: value for name, value in policy.items() if value is not None}

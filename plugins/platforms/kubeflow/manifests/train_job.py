"""Jobs of Kubeflow's Trainer, ``TrainJob``: a runtime of the cluster, and what differs from it.

A TrainJob has nodes that are all alike, so the roles of a trial become one, that of the process
that reports. Its other processes keep their ranks in the world as ranks in this role.
"""

from dataclasses import replace
from typing import Any

from sweepwright.contracts import Job, Role
from sweepwright.events import Json

from .agent import agent_command
from .kinds import count_processes
from .pod_template import (
    GRACE_SECONDS,
    JobContext,
    placement,
    pod_metadata,
    pull_secrets,
    role_environment,
    role_image,
)
from .resources import container_resources
from .security import container_security, pod_security
from .volumes import pod_volumes, volume_mounts

MANAGER = "sweepwright.dev/driver"
"""Who patches the runtime."""


def merge_roles(job: Job) -> Job:
    """Return a job whose processes all belong to its reporting role."""
    [role] = [each for each in job.roles if each.reports] or job.roles[:1]
    whole = replace(role, replicas=count_processes(job.roles), reports=True)
    wiring = [rank for each in job.roles for rank in job.rendezvous.get(each.name, ())]
    rendezvous = {role.name: tuple(wiring)} if wiring else {}
    return replace(job, roles=(whole,), rendezvous=rendezvous)


def train_job_spec(context: JobContext) -> Json:
    """Describe a TrainJob; the roles of its job have been merged."""
    options = context.options
    [role] = context.job.roles
    runtime = {
        "apiGroup": context.kind.group,
        "kind": options.runtime_kind,
        "name": options.runtime,
    }
    spec: dict[str, Any] = {
        "runtimeRef": runtime,
        "trainer": _trainer(context, role),
        "runtimePatches": [
            {"manager": MANAGER, "trainingRuntimeSpec": _runtime_patch(context, role)}
        ],
        "activeDeadlineSeconds": options.run_policy.active_deadline,
        "suspend": True if options.suspend or options.queue else None,
    }
    return {name: value for name, value in spec.items() if value is not None}


def _trainer(context: JobContext, role: Role) -> Json:
    found: dict[str, Any] = {
        "image": role_image(context, role),
        "command": agent_command(context.pod(role)),
        # The runtime may have arguments for its own command.
        "args": [],
        "env": role_environment(context, role),
        "numNodes": role.replicas,
        "numProcPerNode": 1,
        "resourcesPerNode": container_resources(role, context.pod(role)),
    }
    return {name: value for name, value in found.items() if value != {}}


def _runtime_patch(context: JobContext, role: Role) -> Json:
    """Describe what the pods of a TrainJob have besides the fields of its trainer."""
    template = {"metadata": pod_metadata(context, role), "spec": _pod_patch(context, role)}
    job = {"name": context.kind.container, "template": {"spec": {"template": template}}}
    return {"template": {"spec": {"replicatedJobs": [job]}}}


def _pod_patch(context: JobContext, role: Role) -> Json:
    options, pod = context.options, context.pod(role)
    container = {
        "name": context.kind.container,
        "volumeMounts": volume_mounts(options, pod),
        "securityContext": container_security(options),
    }
    spec: dict[str, Any] = {
        "containers": [{name: value for name, value in container.items() if value}],
        "volumes": pod_volumes(options, pod, context.config_map),
        "securityContext": pod_security(options),
        "serviceAccountName": options.service_account,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        **placement(pod),
        "imagePullSecrets": pull_secrets(options),
    }
    return {name: value for name, value in spec.items() if value not in (None, {}, [])}

"""The template of the pods of a role."""

from dataclasses import dataclass
from typing import Any

from sweepwright.contracts import Job, Role
from sweepwright.events import Json

from ..options import KubeflowOptions, PodOptions, TolerationOptions, image_of, pod_options
from .agent import agent_command, agent_description
from .environment import container_environment, environment_sources
from .kinds import JobKind
from .metadata import job_annotations, pod_labels
from .places import Contents
from .resources import container_resources
from .security import container_security, pod_security
from .volumes import pod_volumes, volume_mounts

GRACE_SECONDS = 30
"""Seconds that the agent has to end a trial and to keep its checkpoint, once it is told to end."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """A job of a sweep, and what all of its pods share."""

    options: KubeflowOptions
    sweep: str
    name: str
    """Name of the job in the cluster."""
    kind: JobKind
    job: Job
    config_map: str
    """Name of the sweep's ConfigMap, which has the kit and the code."""
    contents: Contents

    def pod(self, role: Role) -> PodOptions:
        """Return the options of a role's pods."""
        return pod_options(self.options, role.name)


def pod_template(context: JobContext, role: Role) -> Json:
    """Describe the pods of a role."""
    pod = context.pod(role)
    return {"metadata": pod_metadata(context, role), "spec": _pod_spec(context, role, pod)}


def pod_metadata(context: JobContext, role: Role) -> dict[str, Json]:
    """Return the labels and annotations of a role's pods."""
    pod = context.pod(role)
    labels = pod_labels(
        context.sweep, context.job, pod, role=role.name, reports=_reports(context.job, role)
    )
    return {"labels": labels, "annotations": job_annotations(context.job, pod)}


def _reports(job: Job, role: Role) -> bool:
    return role.reports or len(job.roles) == 1


def _pod_spec(context: JobContext, role: Role, pod: PodOptions) -> Json:
    options = context.options
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "automountServiceAccountToken": False,
        # The variables of all services of the namespace would fill the environment.
        "enableServiceLinks": False,
        "containers": [_container(context, role, pod)],
        "volumes": pod_volumes(options, pod, context.config_map),
        "securityContext": pod_security(options),
        "serviceAccountName": options.service_account,
        "priorityClassName": pod.priority_class,
        **placement(pod),
        "imagePullSecrets": pull_secrets(options),
    }
    return {name: value for name, value in spec.items() if value not in (None, {}, [])}


def placement(pod: PodOptions) -> dict[str, Json]:
    """Say on which nodes pods may run; entries without a value are empty."""
    return {
        "nodeSelector": dict(pod.node_selector or {}),
        "tolerations": [toleration(each) for each in pod.tolerations or ()],
        "affinity": dict(pod.affinity or {}),
    }


def pull_secrets(options: KubeflowOptions) -> list[Json]:
    """List the Secrets with which nodes pull images."""
    return [{"name": name} for name in options.image_pull_secrets]


def toleration(given: TolerationOptions) -> Json:
    """Describe a toleration."""
    found: dict[str, Json] = {
        "key": given.key,
        "operator": given.operator,
        "value": given.value,
        "effect": given.effect,
        "tolerationSeconds": given.seconds,
    }
    return {name: value for name, value in found.items() if value is not None}


def role_image(context: JobContext, role: Role) -> str:
    """Return the image of a role."""
    gpu = bool(role.resources.get("gpu"))
    image = image_of(context.pod(role), context.job.kind, gpu=gpu)
    assert image is not None, "a check of the options reports that no image is known"
    return image


def role_environment(context: JobContext, role: Role) -> list[Json]:
    """List the variables of a role's container."""
    description = agent_description(
        context.options, context.sweep, context.contents, context.job, role
    )
    return container_environment(
        context.kind, context.name, context.job, role, context.pod(role), description
    )


def _container(context: JobContext, role: Role, pod: PodOptions) -> Json:
    found: dict[str, Any] = {
        "name": context.kind.container,
        "image": role_image(context, role),
        "imagePullPolicy": pod.image_pull_policy,
        "command": agent_command(pod),
        "env": role_environment(context, role),
        "envFrom": environment_sources(pod),
        "resources": container_resources(role, pod),
        "volumeMounts": volume_mounts(context.options, pod),
        "securityContext": container_security(context.options),
    }
    return {name: value for name, value in found.items() if value not in (None, {}, [])}

"""A job in OpenPAI's job protocol, version 2, as JSON, which is also YAML.

The driver alone retries, so the job's own retries are 0. The job succeeds as soon as every process
of its reporting role has succeeded, and fails with the first process that fails, which is what
`Job` demands.
"""

from collections.abc import Mapping, Sequence
from math import ceil

from sweepwright.contracts import Job, Role
from sweepwright.events import Json
from sweepwright.rendezvous import listeners

from .command import ARCHIVE
from .names import role_name
from .options import PaiOptions, image_for, uses_gpu

IMAGE = "image"
"""Name of the image among the prerequisites of a job."""
PORT = "sweepwright"
"""Label of the port at which the other processes of a job find a process."""
MARK = "sweepwright"
"""Key among the extras of a job under which its sweep and its name are."""


def job_protocol(
    job: Job,
    options: PaiOptions,
    sweep: str,
    commands: Mapping[str, str],
    archive: str | None = None,
) -> Json:
    """Describe a job for OpenPAI.

    Parameters
    ----------
    commands
        The command of each role.
    archive
        Kit and code in base64; None if they are not sent with the job.
    """
    listening = {role for each in job.rendezvous.values() for role, _ in listeners(each)}
    image = {"protocolVersion": 2, "name": IMAGE, "type": "dockerimage"}
    return {
        "protocolVersion": 2,
        "name": job.name,
        "type": "job",
        "description": f"trial {job.trial}, attempt {job.attempt} of the sweep {sweep}",
        "prerequisites": [{**image, "uri": _image(job, options)}],
        **({"parameters": {ARCHIVE: archive}} if archive is not None else {}),
        **_secrets(options),
        "jobRetryCount": 0,
        "taskRoles": {
            role_name(role.name): _task_role(
                job, role, options, commands[role.name], listens=role.name in listening
            )
            for role in job.roles
        },
        **({"defaults": {"virtualCluster": vc}} if (vc := options.virtual_cluster) else {}),
        "extras": {
            "submitFrom": MARK,
            "gangAllocation": True,
            MARK: {"sweep": sweep, "job": job.name},
            **_storages(options),
        },
    }


def _image(job: Job, options: PaiOptions) -> str:
    gpu = uses_gpu(options, job.roles)
    return image_for(options, job.kind, gpu=gpu) or ""  # the option checks report it


def secret_placeholder(names: Sequence[str]) -> str:
    """Return what stands in a submission for the secrets, until it is sent."""
    return f"the values of {', '.join(names)}"


def _secrets(options: PaiOptions) -> Mapping[str, Json]:
    names = options.secret_env
    return {"secrets": {ARCHIVE: secret_placeholder(names)}} if names else {}


def _storages(options: PaiOptions) -> Mapping[str, Json]:
    """Return the storages to mount; the key ``mountPath`` is understood since OpenPAI 1.0."""
    mounted = [{"name": each.name, "mountPath": each.mount} for each in options.storages]
    return {"storages": mounted} if mounted else {}


def _task_role(job: Job, role: Role, options: PaiOptions, command: str, *, listens: bool) -> Json:
    # Without a reporting role, the job waits for all of its processes.
    decides = role.reports or not any(other.reports for other in job.roles)
    shared = options.shared_memory
    return {
        "instances": role.replicas,
        "completion": {
            "minFailedInstances": 1,
            "minSucceededInstances": role.replicas if decides else -1,
        },
        "taskRetryCount": 0,
        "dockerImage": IMAGE,
        "resourcePerInstance": _resources(role, options, listens=listens),
        **({"extraContainerOptions": {"shmMB": shared}} if shared else {}),
        "commands": [command],
    }


def _resources(role: Role, options: PaiOptions, *, listens: bool) -> Json:
    """Return the resources of a process; OpenPAI wants whole numbers."""
    memory = role.resources.get("memory")
    return {
        "cpu": ceil(role.resources.get("cpu", options.cpus)),
        "memoryMB": options.memory if memory is None else ceil(memory / (1 << 20)),
        "gpu": ceil(role.resources.get("gpu", options.gpus)),
        **({"ports": {PORT: 1}} if listens else {}),
    }

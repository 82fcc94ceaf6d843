"""Environment variables of the container of a trial."""

from collections.abc import Mapping, Sequence

from sweepwright.contracts import Job, Role
from sweepwright.events import Json
from sweepwright.runner_client.pods.environment import POD, RANK

from ..options import PodOptions
from .kinds import PYTORCH_JOB, TF_JOB, TRAIN_JOB, JobKind
from .places import SCRATCH

USER = "sweepwright"
TRAIN_JOB_PORT = 29500
"""Port of the first node of a TrainJob, as Kubeflow's Trainer gives it to torchrun."""

_PYTORCH = ("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE", "RANK")
_SET_BY_OPERATOR: Mapping[str, Sequence[str]] = {
    PYTORCH_JOB.name: _PYTORCH,
    TF_JOB.name: ("TF_CONFIG",),
    TRAIN_JOB.name: _PYTORCH,
}


def container_environment(
    kind: JobKind, name: str, job: Job, role: Role, pod: PodOptions, description: str
) -> list[Json]:
    """List the variables of a role's container.

    Parameters
    ----------
    name
        Name of the job in the cluster.
    description
        Value of the variable that tells the agent what to run.
    """
    plain = {
        # The user of the pod need not exist in the image, and then has no name and no home.
        "HOME": SCRATCH,
        "USER": USER,
        "LOGNAME": USER,
        **_wiring(kind, job, role),
        POD: description,
    }
    variables: list[Json] = [{"name": key, "value": value} for key, value in plain.items()]
    if kind.rank_field:
        variables.append(_from_field(RANK, kind.rank_field))
    if kind is TRAIN_JOB and role.replicas > 1:
        variables.extend(_train_job_wiring(kind, name, role))
    for variable, found in (pod.secret_env or {}).items():
        reference = {"secretKeyRef": {"name": found.name, "key": found.key}}
        variables.append({"name": variable, "valueFrom": reference})
    return variables


def environment_sources(pod: PodOptions) -> list[Json]:
    """List the Secrets and ConfigMaps whose keys become variables."""
    return [
        {
            **({"prefix": each.prefix} if each.prefix else {}),
            **(
                {"secretRef": {"name": each.secret}}
                if each.secret
                else {"configMapRef": {"name": each.config_map}}
            ),
        }
        for each in pod.env_from or ()
    ]


def _wiring(kind: JobKind, job: Job, role: Role) -> dict[str, str]:
    """Select the variables by which processes cooperate and that no operator sets.

    An operator sets addresses and ranks. What is the same for all processes of a role, such as a
    number of threads, it does not know.
    """
    ranks = job.rendezvous.get(role.name, ())
    theirs = _SET_BY_OPERATOR.get(kind.name, ())
    return {
        variable: value
        for variable, value in (ranks[0] if ranks else {}).items()
        if variable not in theirs and all(rank.get(variable) == value for rank in ranks)
    }


def _train_job_wiring(kind: JobKind, name: str, role: Role) -> list[Json]:
    """List the variables that PyTorch reads, since a TrainJob sets those of torchrun alone."""
    # Hosts are named as JobSet does: the job, "node", the index of the Job, that of the pod.
    return [
        {"name": "MASTER_ADDR", "value": f"{name}-{kind.container}-0-0.{name}"},
        {"name": "MASTER_PORT", "value": str(TRAIN_JOB_PORT)},
        {"name": "WORLD_SIZE", "value": str(role.replicas)},
        _from_field("RANK", kind.rank_field),
    ]


def _from_field(name: str, path: str) -> Json:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}

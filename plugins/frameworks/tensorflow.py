"""The framework ``tensorflow``: Python code for which TensorFlow is imported in advance.

The processes of a distributed trial find one another by the variable ``TF_CONFIG``.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Finding, FrameworkProvider, Package, Role, TrialCode
from sweepwright.hooks import hookimpl
from sweepwright.rendezvous import address_of

from .lowering import PROLOGUE_PACKAGE, Library, Rendezvous, library_provider

_CHIEFS = ("chief", "master")
_TASKS = (*_CHIEFS, "worker", "ps", "evaluator")
_TRAINING = (*_CHIEFS, "worker")
_WAITING_OPERATIONS = "16"
"""Number of threads for operations that wait for another process. With a single thread, a worker
and the chief have been seen to wait for each other forever."""


def rendezvous(roles: Sequence[Role]) -> Rendezvous:
    """Return the variables of each rank of each role, or no variables for a job of one process.

    An evaluator receives the addresses of the cluster, but is not a member of the cluster.
    """
    if sum(role.replicas for role in roles) == 1:
        return {}
    cluster = {
        role.name: [address_of(role.name, number) for number in range(role.replicas)]
        for role in roles
        if role.name != "evaluator"
    }
    return {
        role.name: tuple(_variables(cluster, role, number) for number in range(role.replicas))
        for role in roles
    }


def check_roles(code: TrialCode) -> Iterator[Finding]:
    """Yield a finding for each role that TensorFlow's cluster resolver does not accept."""
    if sum(role.replicas for role in code.roles) == 1:
        return
    known = ", ".join(f"`{task}`" for task in _TASKS)
    for role in code.roles:
        if role.name not in _TASKS:
            message = f"TensorFlow does not know the role `{role.name}`"
            yield Finding(("roles", role.name), message, f"known are {known}")
        elif role.name in _CHIEFS and role.replicas > 1:
            message = f"`{role.name}` has {role.replicas} replicas, but there is only one chief"
            yield Finding(
                ("roles", role.name, "replicas"), message, "move the others to the role `worker`"
            )
        elif role.reports and role.name not in _TRAINING:
            yield _silent_trainer(role, code.roles)


def _silent_trainer(role: Role, roles: Sequence[Role]) -> Finding:
    message = f"`{role.name}` reports, but does not train"
    trains = next((other.name for other in roles if other.name in _TRAINING), None)
    way_out = f"give `trial.roles.{trains}.reports=true`" if trains else "add a role `chief`"
    return Finding(("roles", role.name), message, way_out)


def _variables(cluster: dict[str, list[str]], role: Role, number: int) -> dict[str, str]:
    task = {"type": role.name, "index": number}
    return {
        "TF_CONFIG": json.dumps({"cluster": cluster, "task": task}),
        "TF_NUM_INTEROP_THREADS": _WAITING_OPERATIONS,
    }


LIBRARY = Library(
    prologue="tensorflow",
    packages=(PROLOGUE_PACKAGE, Package("tensorflow", "sweepwright[tensorflow]")),
    preload=("tensorflow",),
    read_on_import=("TF_", "XLA_", "CUDA_", "NVIDIA_", "KERAS_", "GRPC_", "ABSL_"),
    kind="TFJob",
    rendezvous=rendezvous,
    check_roles=check_roles,
    # By default TensorFlow takes all memory of a GPU and leaves no memory for other trials.
    environment={"TF_FORCE_GPU_ALLOW_GROWTH": "true"},
)


@dataclass(frozen=True, slots=True)
class TensorFlowOptions:
    """Options of ``framework=tensorflow``."""

    preload: tuple[str, ...] = LIBRARY.preload
    """Installed modules to import once, before trials start, instead of in every trial."""
    fork_safe: bool = True
    """Whether to fork a process that imported `preload`; set false if these modules compute."""
    deterministic: bool = False
    """Whether to use only algorithms that repeat to the last digit; they may be slower."""
    threads: int | None = None
    """Number of threads of each process; None for the process's share of the processors."""


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[TensorFlowOptions]]:
    """Offer ``framework=tensorflow``."""
    summary = "Python code with TensorFlow, imported once and forked"
    return [library_provider("tensorflow", TensorFlowOptions, lambda _: LIBRARY, summary)]

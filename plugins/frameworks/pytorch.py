"""The framework ``pytorch``: Python code for which PyTorch is imported in advance.

The processes of a distributed trial find one another by the variables that torchrun sets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Finding, FrameworkProvider, Package, Role, TrialCode
from sweepwright.hooks import hookimpl
from sweepwright.rendezvous import Member, host_of, port_of

from .lowering import PROLOGUE_PACKAGE, Library, Rendezvous, library_provider

_MASTER = "master"


def rendezvous(roles: Sequence[Role]) -> Rendezvous:
    """Return the variables of each rank of each role, or no variables for a job of one process.

    Rank 0 of the world is the role ``master``, as in a ``PyTorchJob``. Without a ``master``, it is
    the first process of the role that reports. Each process has its own accelerators, so its local
    rank is always 0.
    """
    members = _members(roles)
    if len(members) == 1:
        return {}
    ranks = {member: rank for rank, member in enumerate(members)}
    return {
        role.name: tuple(
            _variables(ranks[role.name, number], members) for number in range(role.replicas)
        )
        for role in roles
    }


def check_roles(code: TrialCode) -> Iterator[Finding]:
    """Yield a finding if the role ``master`` has replicas or does not report."""
    master = next((role for role in code.roles if role.name == _MASTER), None)
    if master and master.replicas > 1:
        message = f"`{_MASTER}` has {master.replicas} replicas, but only one can be rank 0"
        path = ("roles", _MASTER, "replicas")
        yield Finding(path, message, "move the other replicas to another role, such as `worker`")
    if master and not master.reports:
        message = f"`{_MASTER}` is rank 0, but does not report"
        yield Finding(("roles", _MASTER), message, f"give `trial.roles.{_MASTER}.reports=true`")


def _members(roles: Sequence[Role]) -> list[Member]:
    """List the processes in the order of their ranks in the world."""
    ordered = sorted(roles, key=lambda role: (role.name != _MASTER, not role.reports))
    return [(role.name, number) for role in ordered for number in range(role.replicas)]


def _variables(rank: int, members: Sequence[Member]) -> dict[str, str]:
    return {
        "MASTER_ADDR": host_of(*members[0]),
        "MASTER_PORT": port_of(*members[0]),
        "WORLD_SIZE": str(len(members)),
        "RANK": str(rank),
        "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": "1",
    }


LIBRARY = Library(
    prologue="pytorch",
    packages=(PROLOGUE_PACKAGE, Package("torch", "sweepwright[torch]")),
    # The first optimizer imports torch._dynamo, which takes as long as torch itself.
    preload=("torch", "torch._dynamo"),
    read_on_import=("TORCH", "PYTORCH_", "CUDA_", "CUBLAS_", "NVIDIA_", "KMP_", "GOMP_", "MKL_"),
    kind="PyTorchJob",
    rendezvous=rendezvous,
    check_roles=check_roles,
    # cuBLAS repeats its results only with a workspace of fixed size (its documentation,
    # "Results reproducibility"). Without this variable torch refuses deterministic computation.
    when_deterministic={"CUBLAS_WORKSPACE_CONFIG": ":4096:8"},
)


@dataclass(frozen=True, slots=True)
class PyTorchOptions:
    """Options of ``framework=pytorch``."""

    preload: tuple[str, ...] = LIBRARY.preload
    """Installed modules to import once, before trials start, instead of in every trial."""
    fork_safe: bool = True
    """Whether to fork a process that imported `preload`; set false if these modules use CUDA."""
    deterministic: bool = False
    """Whether to use only algorithms that repeat to the last digit; they may be slower."""
    threads: int | None = None
    """Number of threads of each process; None for the process's share of the processors."""


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[PyTorchOptions]]:
    """Offer ``framework=pytorch``."""
    summary = "Python code with PyTorch, imported once and forked"
    return [library_provider("pytorch", PyTorchOptions, lambda _: LIBRARY, summary)]

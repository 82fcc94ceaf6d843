"""How the processes of a PyTorch job find one another: the variables that torchrun sets."""

from collections.abc import Iterator, Sequence

from sweepwright.contracts import Finding, Role, TrialCode
from sweepwright.rendezvous import Member, host_of, port_of

KIND = "PyTorchJob"
_MASTER = "master"


def wire(roles: Sequence[Role]) -> dict[str, tuple[dict[str, str], ...]]:
    """Write the variables of each rank of each role; none for a job of one process.

    Rank 0 of the world is the role ``master``, as in a ``PyTorchJob``, or else the one that
    reports. Each process has its own accelerators, so its local rank is always 0.
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
    """Find roles of which rank 0 of the world could not be the one that reports."""
    master = next((role for role in code.roles if role.name == _MASTER), None)
    if master and master.replicas > 1:
        message = f"`{_MASTER}` has {master.replicas} replicas, and there is one rank 0"
        path = ("roles", _MASTER, "replicas")
        yield Finding(path, message, "give the others a role of their own, such as `worker`")
    if master and not master.reports:
        message = f"`{_MASTER}` is rank 0, and does not report"
        yield Finding(("roles", _MASTER), message, f"give `trial.roles.{_MASTER}.reports=true`")


def _members(roles: Sequence[Role]) -> list[Member]:
    """List the processes by their ranks in the world."""
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

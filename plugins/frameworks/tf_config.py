"""How the processes of a TensorFlow job find one another: the variable ``TF_CONFIG``."""

import json
from collections.abc import Iterator, Sequence

from sweepwright.contracts import Finding, Role, TrialCode
from sweepwright.rendezvous import address_of

KIND = "TFJob"
_CHIEFS = ("chief", "master")
_TASKS = (*_CHIEFS, "worker", "ps", "evaluator")
_REPORTING = (*_CHIEFS, "worker")
_WAITING = "16"
"""Operations that may wait for another process at once; with a single thread for them, a worker
and the chief have been seen to wait for one another for ever."""


def wire(roles: Sequence[Role]) -> dict[str, tuple[dict[str, str], ...]]:
    """Write the variables of each rank of each role; none for a job of one process.

    An evaluator knows the cluster without being part of it.
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
    """Find roles that TensorFlow's cluster resolver would not know what to do with."""
    if sum(role.replicas for role in code.roles) == 1:
        return
    known = ", ".join(f"`{task}`" for task in _TASKS)
    for role in code.roles:
        if role.name not in _TASKS:
            message = f"TensorFlow knows no role `{role.name}`"
            yield Finding(("roles", role.name), message, f"it knows {known}")
        elif role.name in _CHIEFS and role.replicas > 1:
            message = f"`{role.name}` has {role.replicas} replicas, and there is one chief"
            yield Finding(("roles", role.name, "replicas"), message, "call the others `worker`")
        elif role.reports and role.name not in _REPORTING:
            yield _mute(role, code.roles)


def _mute(role: Role, roles: Sequence[Role]) -> Finding:
    message = f"`{role.name}` reports, and does not train"
    trains = next((other.name for other in roles if other.name in _REPORTING), None)
    way_out = f"give `trial.roles.{trains}.reports=true`" if trains else "add a role `chief`"
    return Finding(("roles", role.name), message, way_out)


def _variables(cluster: dict[str, list[str]], role: Role, number: int) -> dict[str, str]:
    task = {"type": role.name, "index": number}
    return {
        "TF_CONFIG": json.dumps({"cluster": cluster, "task": task}),
        "TF_NUM_INTEROP_THREADS": _WAITING,
    }

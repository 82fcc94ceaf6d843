"""Reservation of the machine's resources for jobs, and description of missing resources."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Sequence

from .capacity import Capacity

Needs = Sequence[Mapping[str, float]]
"""For each process of a job, a mapping from resource to the amount that the process needs."""

# Fractions such as 0.1 do not add up exactly in floats.
_TOLERANCE = 1e-9


class Grant(NamedTuple):
    """The resources that a job holds."""

    amounts: Mapping[str, float]
    shares: Sequence[Mapping[str, float]]
    """For each process in order, a mapping from GPU to the share that the process holds."""


NOTHING = Grant({}, ())
"""The grant of a job that needs no resource."""


class Slots:
    """Grants a job all resources that its processes need, or no resources.

    A process that needs less than one GPU gets a share of one GPU; other processes get whole GPUs.
    """

    def __init__(self, capacity: Capacity) -> None:
        self._total = {"cpu": capacity.cpus, "memory": capacity.memory}
        self._free = dict(self._total)
        self._gpus = dict.fromkeys(capacity.gpus, 1.0)

    def acquire(self, needs: Needs) -> Grant | None:
        """Reserve all needed resources, or return None if some of them are not free."""
        if self.lacking(needs):
            return None
        amounts = _sums(needs)
        for resource, amount in amounts.items():
            self._free[resource] -= amount
        free = dict(self._gpus)
        shares = [_choose_gpus(free, need.get("gpu", 0.0)) or {} for need in needs]
        self._gpus = free
        return Grant(amounts, shares)

    def release(self, grant: Grant) -> None:
        """Release the resources of a job."""
        for resource, amount in grant.amounts.items():
            self._free[resource] += amount
        for gpu, share in ((g, s) for shares in grant.shares for g, s in shares.items()):
            self._gpus[gpu] += share

    def lacking(self, needs: Needs) -> str:
        """Describe the needs of a job that are not free, as in ``1 gpu``; empty if all are."""
        return _lacking(needs, self._free, self._gpus)

    def impossible(self, needs: Needs) -> str:
        """Describe the needs of a job that exceed even an idle machine; empty if all fit."""
        return _lacking(needs, self._total, dict.fromkeys(self._gpus, 1.0))


def _lacking(needs: Needs, free: Mapping[str, float], gpus: Mapping[str, float]) -> str:
    short = [
        describe_amount(resource, amount)
        for resource, amount in _sums(needs).items()
        if amount > free.get(resource, 0.0) + _TOLERANCE
    ]
    left = dict(gpus)
    if any(_choose_gpus(left, need.get("gpu", 0.0)) is None for need in needs):
        short.append(describe_amount("gpu", sum(need.get("gpu", 0.0) for need in needs)))
    return " and ".join(short)


def describe_amount(resource: str, amount: float) -> str:
    """Format an amount of a resource, as in ``1 gpu``; memory is shown in MiB."""
    if resource == "memory":
        return f"{amount / 2**20:.0f} MiB of memory"
    return f"{amount:g} {resource}"


def _sums(needs: Needs) -> dict[str, float]:
    """Add up the needs of all processes, except for GPUs, which are granted one by one."""
    sums: dict[str, float] = {}
    for need in needs:
        for resource, amount in need.items():
            if resource != "gpu":
                sums[resource] = sums.get(resource, 0.0) + amount
    return sums


def _choose_gpus(free: dict[str, float], amount: float) -> dict[str, float] | None:
    """Choose GPUs for a process and subtract them from `free`; return None if too few are free."""
    share = amount if amount < 1 else 1.0
    count = 1 if amount < 1 else round(amount)
    # Best fit: take the fullest GPU that suffices, so that other GPUs stay entirely free.
    room = sorted((left, gpu) for gpu, left in free.items() if left + _TOLERANCE >= share)
    if amount <= 0:
        return {}
    if len(room) < count:
        return None
    chosen = {gpu: share for _, gpu in room[:count]}
    for gpu in chosen:
        free[gpu] -= share
    return chosen


def describe_needs(needs: Needs) -> str:
    """Format all needs of a job; empty if it needs nothing."""
    sums = {**_sums(needs), "gpu": sum(need.get("gpu", 0.0) for need in needs)}
    return " and ".join(describe_amount(name, amount) for name, amount in sums.items() if amount)

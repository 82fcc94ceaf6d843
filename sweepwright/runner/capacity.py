"""The capacity of this machine: CPUs, GPUs and memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_NVIDIA = Path("/proc/driver/nvidia/gpus")


class Capacity(NamedTuple):
    """Amount of each resource that the roles of all jobs share."""

    cpus: float
    gpus: tuple[str, ...] = ()
    """Ids of the GPUs, as ``CUDA_VISIBLE_DEVICES`` accepts them."""
    memory: float = sys.float_info.max
    """Memory in bytes."""


def count_capacity(cpus: float | None = None, gpus: int | Sequence[str] | None = None) -> Capacity:
    """Detect the capacity of this machine, except for the amounts that the arguments give."""
    return Capacity(cpus or float(_processors()), _gpus(gpus), _memory())


def _processors() -> int:
    """Count the CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _gpus(given: int | Sequence[str] | None) -> tuple[str, ...]:
    if given is None:
        return _visible_gpus(os.environ.get("CUDA_VISIBLE_DEVICES"))
    return _numbered(given) if isinstance(given, int) else tuple(str(gpu) for gpu in given)


def _visible_gpus(visible: str | None) -> tuple[str, ...]:
    """List the GPUs that CUDA would see; like CUDA, stop at the first invalid id, such as -1."""
    if visible is None:
        return _numbered(sum(1 for _ in _NVIDIA.glob("*")))
    ids = [gpu.strip() for gpu in visible.split(",")]
    valid = next((i for i, gpu in enumerate(ids) if gpu in ("", "-1")), len(ids))
    return tuple(ids[:valid])


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(count))


def _memory() -> float:
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))

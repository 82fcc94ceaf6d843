"""Prologue for PyTorch."""

from __future__ import annotations

import os

import torch

from . import seed_python, trial_seed


def seed() -> None:
    """Seed all generators with the trial's seed, and set the number of threads."""
    chosen = trial_seed()
    seed_python(chosen)
    torch.manual_seed(chosen)
    take_threads()


def seed_deterministically() -> None:
    """Seed all generators, and allow only algorithms that repeat to the last digit."""
    repeat_exactly()
    seed()


def take_threads() -> None:
    """Set the number of threads for this process; after a fork, it is the parent's number."""
    if threads := os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(int(threads))


def repeat_exactly() -> None:
    """Allow only algorithms that repeat to the last digit."""
    torch.use_deterministic_algorithms(mode=True)
    torch.backends.cudnn.benchmark = False

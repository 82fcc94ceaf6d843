"""Set PyTorch up for one trial."""

import os

import torch

from .seeds import seed_python, trial_seed


def seed() -> None:
    """Seed all chance with the trial's seed, and take as many threads as it is given."""
    chosen = trial_seed()
    seed_python(chosen)
    torch.manual_seed(chosen)
    take_threads()


def seed_deterministically() -> None:
    """Seed, and refuse algorithms whose last digits differ from run to run."""
    repeat_exactly()
    seed()


def take_threads() -> None:
    """Heed the number of threads of this process; the library has read that of its parent."""
    if threads := os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(int(threads))


def repeat_exactly() -> None:
    """Refuse algorithms whose last digits differ from run to run."""
    torch.use_deterministic_algorithms(mode=True)
    torch.backends.cudnn.benchmark = False

"""The seed of the trial that this process is part of."""

import json
import os
import random

import numpy as np

_SEEDS = 2**32


def trial_seed() -> int:
    """Return the trial's own seed, folded to the 32 bits that every library takes."""
    return int(json.loads(os.environ["SWEEPWRIGHT_TRIAL"])["seed"]) % _SEEDS


def seed_python(seed: int) -> None:
    """Seed Python's own chance, and numpy's."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - it is the global one that libraries and trials draw from

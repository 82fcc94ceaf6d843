"""Prologues: what each process of a trial calls right before the trial's own code.

There is one module for each library. It is imported once, ahead of trials, with its library; its
function `seed` or `seed_deterministically` then runs in each process. A trial that is run by hand
has no prologue.
"""

import json
import os
import random

import numpy as np

_SEEDS = 2**32


def trial_seed() -> int:
    """Return the trial's own seed, reduced to the 32 bits that every library accepts."""
    return int(json.loads(os.environ["SWEEPWRIGHT_TRIAL"])["seed"]) % _SEEDS


def seed_python(seed: int) -> None:
    """Seed Python's global generator, and numpy's."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries and trials draw from the global generator

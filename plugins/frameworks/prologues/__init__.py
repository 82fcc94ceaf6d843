"""Prologues: functions that each process of a trial calls right before the trial's own code.

Each library has one module. The module is imported once, before trials start, together with its
library. Its function `seed` or `seed_deterministically` then runs in each process. A trial that is
run by hand has no prologue.
"""

from __future__ import annotations

import json
import os
import random

import numpy as np

_SEEDS = 2**32


def trial_seed() -> int:
    """Return the trial's seed, reduced to the 32 bits that every library accepts."""
    return int(json.loads(os.environ["SWEEPWRIGHT_TRIAL"])["seed"]) % _SEEDS


def seed_python(seed: int) -> None:
    """Seed the global random generators of Python and numpy."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries and trials draw from the global generator

"""Prologue for TensorFlow."""

from __future__ import annotations

import tensorflow as tf

from . import seed_python, trial_seed


def seed() -> None:
    """Seed all generators with the trial's seed."""
    chosen = trial_seed()
    seed_python(chosen)
    tf.random.set_seed(chosen)


def seed_deterministically() -> None:
    """Seed all generators, and allow only algorithms that repeat to the last digit."""
    tf.config.experimental.enable_op_determinism()
    seed()

"""Prologue for Keras and its backend."""

from __future__ import annotations

import keras

from . import trial_seed

# ruff: noqa: PLC0415 - only the chosen backend may be installed


def seed() -> None:
    """Seed the generators of Python, numpy and the backend with the trial's seed."""
    keras.utils.set_random_seed(trial_seed())
    if keras.backend.backend() == "torch":
        from .pytorch import take_threads

        take_threads()


def seed_deterministically() -> None:
    """Seed all generators, and allow only algorithms that repeat to the last digit.

    JAX needs no further settings, because its algorithms on a CPU repeat to the last digit.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif backend == "torch":
        from .pytorch import repeat_exactly

        repeat_exactly()
    seed()

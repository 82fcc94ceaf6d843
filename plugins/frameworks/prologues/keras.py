"""Set Keras up for one trial, and the backend that computes for it."""

import keras

from .seeds import trial_seed

# ruff: noqa: PLC0415 - of the backends one is installed, perhaps


def seed() -> None:
    """Seed all chance with the trial's seed: Python's, numpy's and the backend's."""
    keras.utils.set_random_seed(trial_seed())
    if keras.backend.backend() == "torch":
        from .pytorch import take_threads

        take_threads()


def seed_deterministically() -> None:
    """Seed, and refuse algorithms whose last digits differ from run to run.

    What JAX computes on a CPU repeats without being told to.
    """
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            tf.config.experimental.enable_op_determinism()
        case "torch":
            from .pytorch import repeat_exactly

            repeat_exactly()
    seed()

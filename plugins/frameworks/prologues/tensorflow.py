"""Set TensorFlow up for one trial."""

import tensorflow as tf

from .seeds import seed_python, trial_seed


def seed() -> None:
    """Seed all chance with the trial's seed."""
    chosen = trial_seed()
    seed_python(chosen)
    tf.random.set_seed(chosen)


def seed_deterministically() -> None:
    """Seed, and refuse algorithms whose last digits differ from run to run."""
    tf.config.experimental.enable_op_determinism()
    seed()

"""Counter-based randomness: every draw has an address, and nobody stores a generator's state.

A generator is built from ``(seed, stream, index)`` when it is needed. A sweep that is resumed, or
replayed at another speed, therefore draws the same numbers without any state to restore.
"""

from hashlib import blake2b

import numpy as np


def rng(seed: int, stream: str, index: int = 0) -> np.random.Generator:
    """Build the generator of one address; the same address always gives the same draws.

    Parameters
    ----------
    seed : int
        The sweep's seed, at least 0.
    stream : str
        Who draws, such as ``"tuner"`` or ``"trial"``; streams are independent.
    index : int
        The number of the draw: of suggestions opened so far, or of the trial.
    """
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(entropy(seed, stream, index)))
    )


def entropy(seed: int, stream: str, index: int = 0) -> int:
    """Hash an address to 128 bits, the same on every machine and in every process.

    Unlike Python's `hash`, which is salted in each process.
    """
    return int.from_bytes(blake2b(f"{seed}/{stream}/{index}".encode(), digest_size=16).digest())

"""Randomness that is addressed, not stored: each draw has a key, and nobody keeps a generator."""

from hashlib import blake2b

import numpy as np


def rng(seed: int, stream: str, index: int = 0) -> np.random.Generator:
    """Build the generator of one address: the same three always give the same draws.

    Parameters
    ----------
    seed : int
        The sweep's seed, at least 0.
    stream : str
        Whose randomness it is, such as ``"tuner"`` or ``"trial"``; streams are independent.
    index : int
        Which draw of the stream: the number of suggestions opened so far, or a trial's number.
    """
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(entropy(seed, stream, index)))
    )


def entropy(seed: int, stream: str, index: int = 0) -> int:
    """Hash an address into 128 bits, the same on every machine and in every process."""
    return int.from_bytes(blake2b(f"{seed}/{stream}/{index}".encode(), digest_size=16).digest())

"""Counter-based randomness: every draw has an address, so no generator's state is stored.

A generator is built from ``(seed, stream, index)`` when it is needed. So a resumed sweep draws the
same numbers without restoring any state, and so does a sweep whose trials run at another speed.
"""

from hashlib import blake2b

import numpy as np


def rng(seed: int, stream: str, index: int = 0) -> np.random.Generator:
    """Build the generator for an address; the same address always gives the same draws.

    Parameters
    ----------
    seed : int
        The sweep's seed, at least 0.
    stream : str
        Purpose of the draws, such as ``"tuner"`` or ``"trial"``; streams are independent.
    index : int
        Number of the draw, such as the number of suggestions opened so far, or a trial's number.
    """
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(entropy(seed, stream, index)))
    )


def entropy(seed: int, stream: str, index: int = 0) -> int:
    """Hash an address to 128 bits, which are the same on every machine and in every process.

    Python's `hash` is not used, because its results differ between processes.
    """
    return int.from_bytes(blake2b(f"{seed}/{stream}/{index}".encode(), digest_size=16).digest())

"""Limits BLAS to one thread.

Sums in another order round differently, so the number of threads would decide the last digits of
a suggestion. One thread gives the same suggestions on machines with any number of cores, and
leaves the other cores to the trials.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def single_threaded() -> Iterator[None]:
    """Limit the BLAS libraries of this process to one thread while the context is entered."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> Any:
    # The controller knows the libraries that are loaded when it is created. scipy may have a BLAS
    # of its own beside that of numpy.
    import scipy.linalg  # noqa: F401, PLC0415 - see above
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 - only a model needs it

    return ThreadpoolController()

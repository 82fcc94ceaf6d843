"""Limits of this process that tests reach, so that the system refuses it a resource."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def exhausted_descriptors() -> Iterator[None]:
    """Leave this process no free file descriptor."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = [os.open(os.devnull, os.O_RDONLY)]
    # The lowest free number is the next that is given out, so the numbers below are filled up.
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - opens one
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, limits[1]))
    try:
        while True:
            try:
                held.append(os.dup(held[0]))
            except OSError:
                break
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for file in held:
            os.close(file)

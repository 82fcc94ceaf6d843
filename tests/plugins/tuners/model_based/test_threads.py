"""Linear algebra runs on one thread inside the context, and as before outside."""

import os
import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info

from sweepwright.plugins.tuners.model_based.threads import single_threaded
from tests.plugins.tuners.model_based import print_suggestions


def threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_one_thread_inside_and_as_many_as_before_outside() -> None:
    with single_threaded():
        pass  # loads scipy's own BLAS
    before = threads()
    with single_threaded():
        inside = threads()

    assert set(inside) == {1}
    assert threads() == before


@pytest.mark.ci_only
def test_suggestions_do_not_depend_on_the_number_of_threads() -> None:
    """Without the context, the last digits of some would."""
    one, two = (suggestions(threads=count) for count in (1, 2))

    assert one == two
    assert one.count("Belief") == 3


def suggestions(threads: int) -> str:
    """Return the output of an interpreter whose BLAS starts with a number of threads."""
    count = str(threads)
    limits = {"OPENBLAS_NUM_THREADS": count, "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count}
    command = [sys.executable, "-W", "error", "-m", print_suggestions.__name__]
    return subprocess.check_output(command, env={**os.environ, **limits}, text=True)

"""What all tests share: suites show the values of failed checks, hypothesis is steady."""

import sys

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("sweepwright.testing")
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def streams_stay_open() -> None:
    """Keep absl, which TensorFlow brings, from closing the stream that pytest catches output in.

    It takes that for a file of its own once Hydra, in a test, has all handlers of logging close.
    """
    if absl := sys.modules.get("absl.logging"):
        absl.get_absl_handler().python_handler.stream = sys.__stderr__

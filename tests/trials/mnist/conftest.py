"""Digits for networks with convolutions."""

import pytest

from sweepwright.trials.mnist.data import Digits, as_pictures, load


@pytest.fixture(scope="session")
def pictures() -> Digits:
    """Load all of the digits that scikit-learn brings, 28 by 28 pixels large."""
    return as_pictures(load())

"""A simulated sweep for tests of the driver."""

from pathlib import Path

import pytest

from tests.core.simulated_sweeps import (
    SimulatedSweep,
    act,
    simulate_sweep,
)


@pytest.fixture
def simulated(tmp_path: Path) -> SimulatedSweep:
    """Simulate a sweep of the usual trials."""
    return simulate_sweep(tmp_path / "store", act)

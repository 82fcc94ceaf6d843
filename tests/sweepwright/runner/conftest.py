"""An engine that runs small programs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sweepwright.runner.engine_harness import EngineHarness


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineHarness]:
    """Start an engine, and close it at the end."""
    harness = EngineHarness(tmp_path)
    yield harness
    harness.engine.close()

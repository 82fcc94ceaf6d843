"""Benches on which the local platform runs small programs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Command
from sweepwright.plugins.platforms.local import LocalOptions
from tests.plugins.platforms.local.bench import Bench


@pytest.fixture
def build_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Build benches with options, and close them in the end."""
    benches: list[Bench] = []

    def build(concurrency: int = 2, **options: Any) -> Bench:
        benches.append(Bench(tmp_path, LocalOptions(**options), concurrency))
        return benches[-1]

    yield build
    for bench in benches:
        bench.platform.close()


@pytest.fixture
def bench(build_bench: Callable[..., Bench]) -> Bench:
    """Build a bench with the default options."""
    return build_bench()


@pytest.fixture
def shell() -> Callable[[str], Command]:
    """Make an entry of a shell script."""
    return lambda script: Command(("/bin/sh", "-c", script))

"""The settings of an engine."""

from __future__ import annotations

from typing import NamedTuple

from .capacity import Capacity


class Settings(NamedTuple):
    """Settings of an engine: the sweep that it serves, and the machine."""

    folder: str
    """Absolute path of the sweep's folder on this machine."""
    capacity: Capacity
    concurrency: int = 1
    """Maximum number of jobs that run at once."""
    session: str = ""
    """Random text that marks the processes of this engine (`leftovers`)."""
    max_output: int | None = None
    """Bytes to keep of each file with a process's output; None for all."""

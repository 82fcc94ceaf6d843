"""Options of plugins that have none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoOptions:
    """Nothing to choose."""

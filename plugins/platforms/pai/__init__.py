"""The platform ``pai``: trials run as jobs of an OpenPAI cluster."""

from dataclasses import dataclass
from typing import Any

from sweepwright.contracts import PlatformProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class PaiOptions:
    """Options of ``platform=pai``."""


@hookimpl
def sweep_platforms() -> list[PlatformProvider[Any]]:
    """Offer ``platform=pai``."""
    return []

"""A simulated platform that the application finds among its plugins."""

from dataclasses import replace
from typing import Any

from sweepwright.contracts import PlatformProvider
from sweepwright.core.plan.plan import Plan, Selection
from sweepwright.hooks import hookimpl
from sweepwright.testing.simulated import Behavior
from tests.core.examples import plan

SPEECH = "first\nsecond \x1b[31mred\n"
"""What each trial prints."""


def behave(_assignment: Any, _job: object) -> Behavior:
    """Print something to both streams, and leave a checkpoint."""
    return Behavior(
        result=1.0,
        stdout=SPEECH,
        stderr="warning: slow\n",
        checkpoint={"model/weights": b"42", "empty": b""},
    )


class Offers:
    """Offers a platform to the registry of the application."""

    def __init__(self, provider: PlatformProvider[Any]) -> None:
        self.provider = provider

    @hookimpl
    def sweep_platforms(self) -> list[PlatformProvider[Any]]:
        """Offer the platform."""
        return [self.provider]


def plan_on(platform: str) -> Plan:
    """Make a plan on a platform."""
    return replace(plan(), platform=Selection("platform", platform))

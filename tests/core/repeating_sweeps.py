"""Sweeps whose tuner measures assignments again and says what it believes."""

from typing import Any

from sweepwright.core.plan.plan import Plan, Selection
from sweepwright.testing.simulated import Behavior
from tests.core.simulated_sweeps import sweep


def noisy(assignment: Any, job: Any) -> Behavior:
    """Run for a time and to a result that the trial's number determines too."""
    digits = int(assignment["lr"] * 1e6) + 37 * job.trial
    return Behavior(1 + digits % 13, result=digits % 100)


def repeating(**changes: Any) -> Plan:
    """Make a plan of the tuner."""
    return sweep(**{"tuner": Selection("tuner", "repeating"), "max_trials": 12, **changes})

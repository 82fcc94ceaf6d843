"""The contract of sweepwright: what trials and plugins import.

A trial imports `sweepwright.trial`; a plugin imports `sweepwright.contracts`,
`sweepwright.hooks` and what those are made of. The application is `sweepwright.core`.
"""

__version__ = "0.1.0"

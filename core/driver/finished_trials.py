"""The roll of trials that are over: columns, a few hundred bytes a trial."""

import json
from array import array
from math import nan

from sweepwright.events import Assignment, Trial
from sweepwright.protocol import dumps


class FinishedTrials:
    """What the study keeps of each trial when nothing of it is running.

    A trial's number is its row. Rows of trials still under way for the first time hold
    attempt 0 and no value.
    """

    def __init__(self) -> None:
        self._assignments: list[bytes] = []
        self._states = bytearray()
        self._values = array("d")
        self._attempts = array("i")
        self._measured_attempts = array("i")

    def __len__(self) -> int:
        """Count the trials opened so far."""
        return len(self._assignments)

    def add(self, assignment: Assignment) -> int:
        """Give a new trial its row, and return its number."""
        self._assignments.append(dumps(assignment).encode())
        self._states.append(0)
        self._values.append(nan)
        self._attempts.append(0)
        self._measured_attempts.append(0)
        return len(self) - 1

    def close(self, number: int, state: int, attempt: int, value: float | None) -> None:
        """Note how a trial ended, after how many attempts, and what it measured, if it did.

        `state` is a small number of the caller's, above 0.
        """
        self._states[number] = state
        self._attempts[number] = attempt
        if value is not None:
            self._values[number] = value
            self._measured_attempts[number] = attempt

    def trial(self, number: int, budget: float | None) -> Trial:
        """Return a trial at a budget."""
        return Trial(number, json.loads(self._assignments[number]), budget)

    def state(self, number: int) -> int:
        """Return how a trial ended, 0 when it never has."""
        return self._states[number]

    def attempts(self, number: int) -> int:
        """Count the attempts of a trial so far."""
        return self._attempts[number]

    def measured_attempt(self, number: int) -> int | None:
        """Return the last attempt that ended well, whose checkpoint is complete."""
        return self._measured_attempts[number] or None

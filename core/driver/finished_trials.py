"""Trials of which no attempt is under way, in columns of a few hundred bytes a trial."""

import json
from array import array

from sweepwright.events import Assignment, Trial
from sweepwright.protocol import dumps


class FinishedTrials:
    """A row for each trial of the sweep, with what the study needs once no attempt is under way.

    A trial's number is its row. Memory must not limit the length of a sweep, so rows are stored
    in arrays, and an assignment as JSON, rather than as objects. The row of a trial whose first
    attempt is still under way holds state 0 and attempt 0; the row of a promoted trial holds how
    its last attempt on a lower rung ended.
    """

    def __init__(self) -> None:
        self._assignments: list[bytes] = []
        self._states = bytearray()
        self._attempts = array("i")
        self._measured_attempts = array("i")

    def __len__(self) -> int:
        """Count the trials opened so far."""
        return len(self._assignments)

    def add(self, assignment: Assignment) -> int:
        """Add a row for a new trial, and return its number."""
        self._assignments.append(dumps(assignment).encode())
        self._states.append(0)
        self._attempts.append(0)
        self._measured_attempts.append(0)
        return len(self) - 1

    def close(self, number: int, state: int, attempt: int, *, measured: bool) -> None:
        """Record how the last attempt of a trial ended.

        `state` is any number from 1 to 255; the caller gives it its meaning.
        """
        self._states[number] = state
        self._attempts[number] = attempt
        if measured:
            self._measured_attempts[number] = attempt

    def trial(self, number: int, budget: float | None) -> Trial:
        """Return a trial, at the given budget."""
        return Trial(number, json.loads(self._assignments[number]), budget)

    def state(self, number: int) -> int:
        """Return the state that the last attempt ended in; 0 before the first one ended."""
        return self._states[number]

    def attempts(self, number: int) -> int:
        """Count the attempts of a trial that have ended."""
        return self._attempts[number]

    def measured_attempt(self, number: int) -> int | None:
        """Return the last attempt with a measurement: its checkpoint is complete."""
        return self._measured_attempts[number] or None

"""Trials of which no attempt is under way, in columns of a few hundred bytes a trial."""

import json
from array import array

from sweepwright.events import Assignment, Trial
from sweepwright.protocol import dumps

from ..plan.trial_state import TrialState

_STATES = list(TrialState)


class FinishedTrials:
    """A row for each trial of the sweep, with what the study needs once no attempt is under way.

    A trial's number is its row. Memory must not limit the length of a sweep, so rows are stored
    in arrays, and an assignment as JSON, rather than as objects. The row of a trial whose first
    attempt is still under way holds `TrialState.DUE` and attempt 0; the row of a promoted trial
    holds how its last attempt on a lower rung ended.
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
        self._states.append(_STATES.index(TrialState.DUE))
        self._attempts.append(0)
        self._measured_attempts.append(0)
        return len(self) - 1

    def close(self, number: int, state: TrialState, attempt: int) -> None:
        """Record how the last attempt of a trial ended."""
        self._states[number] = _STATES.index(state)
        self._attempts[number] = attempt
        if state is TrialState.MEASURED:
            self._measured_attempts[number] = attempt

    def trial(self, number: int, budget: float | None) -> Trial:
        """Return a trial, at the given budget."""
        return Trial(number, json.loads(self._assignments[number]), budget)

    def state(self, number: int) -> TrialState | None:
        """Return the state that a trial's last attempt ended in; None for one never opened."""
        return _STATES[self._states[number]] if number < len(self) else None

    def attempts(self, number: int) -> int:
        """Count the attempts of a trial that have ended."""
        return self._attempts[number]

    def measured_attempt(self, number: int) -> int | None:
        """Return the last attempt with a measurement: its checkpoint is complete."""
        return self._measured_attempts[number] or None

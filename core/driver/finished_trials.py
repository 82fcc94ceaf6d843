"""A compact table of the trials of a sweep, which takes a few bytes per trial."""

import json
from array import array
from typing import Any
from zlib import crc32

from sweepwright.events import Assignment, Start, Trial
from sweepwright.protocol import dumps

from ..plan.assignment_values import AssignmentValues
from ..plan.compressed_texts import CompressedTexts
from ..plan.trial_state import TrialState

_STATES = list(TrialState)


class FinishedTrials:
    """A table with a row for each trial of the sweep.

    The study looks up a trial here if no attempt of the trial is under way. The number of a trial
    is the index of its row. Memory must not limit the length of a sweep. The columns are therefore
    arrays rather than lists of objects. Assignments are stored as JSON, and only if a tuner may
    promote trials, because nobody else asks for them; otherwise a checksum has to do. While a
    trial has not ended for the first time, its row holds `TrialState.DUE` and attempt 0. While a
    promoted trial is under way, its row holds the outcome of the last attempt on a lower rung.
    """

    def __init__(self, *, keep_assignments: bool) -> None:
        self.values = AssignmentValues()
        """The measurements so far."""
        self._keep_assignments = keep_assignments
        self._assignments = CompressedTexts()
        self._checksums = array("I")
        """Checksum of each assignment, by which a repeat is recognised."""
        self._states = bytearray()
        self._attempts = array("i")
        self._measured_attempts = array("i")

    def __len__(self) -> int:
        """Return the number of trials opened so far."""
        return len(self._states)

    def add(self, start: Start) -> int:
        """Add a row for a new trial, and return its number."""
        assignment = start.assignment
        self.values.open_trial(start.repeats)
        self._checksums.append(_checksum(assignment))
        if self._keep_assignments:
            self._assignments.append(dumps(assignment))
        self._states.append(_STATES.index(TrialState.DUE))
        self._attempts.append(0)
        self._measured_attempts.append(0)
        return len(self) - 1

    def check_start(self, start: Start) -> None:
        """Check what a suggestion says about the trial that it repeats, and its reason.

        Raises
        ------
        ValueError
            When the trial is not the first one of this assignment, or the reason is not text.
        """
        # Tuners are plugins, so the types are checked at run time.
        reason: Any = start.reason
        if not isinstance(reason, str):
            raise ValueError(f"the reason of a Start is {reason!r}, which is not text")  # noqa: TRY004 - as other faults of a suggestion
        first: Any = start.repeats
        if first is None:
            return
        if type(first) is not int or not 0 <= first < len(self):
            raise ValueError(f"a Start repeats {first!r}, which is not the number of a trial")
        if (earlier := self.values.repeats.first(first)) != first:
            raise ValueError(
                f"a Start repeats trial {first}, which itself repeats trial {earlier}; "
                "a repeat names the first trial of its assignment"
            )
        if _checksum(start.assignment) != self._checksums[first]:
            raise ValueError(f"a Start repeats trial {first} with another assignment")

    def close(self, number: int, state: TrialState, attempt: int) -> None:
        """Record the outcome of a trial's last attempt."""
        self._states[number] = _STATES.index(state)
        self._attempts[number] = attempt
        if state is TrialState.MEASURED:
            self._measured_attempts[number] = attempt

    def trial(self, number: int, budget: float | None) -> Trial:
        """Return the trial with this number, at the given budget; its assignment must be kept."""
        return Trial(number, json.loads(self._assignments[number]), budget)

    def state(self, number: int) -> TrialState | None:
        """Return the state after a trial's last attempt; None if the trial was never opened."""
        return _STATES[self._states[number]] if number < len(self) else None

    def attempts(self, number: int) -> int:
        """Return the number of a trial's attempts that have ended."""
        return self._attempts[number]

    def measured_attempt(self, number: int) -> int | None:
        """Return the last measured attempt, which left a complete checkpoint, or None."""
        return self._measured_attempts[number] or None


def _checksum(assignment: Assignment) -> int:
    """Return the CRC-32 of an assignment, which does not depend on the order of its keys."""
    return crc32(_sorted_json(assignment).encode(errors="surrogatepass"))


_sorted_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

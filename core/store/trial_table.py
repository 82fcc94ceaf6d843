"""A compact table of the trials of a sweep and their evaluations.

A sweep may have any number of trials, and memory must not limit it. The table is therefore stored
in columns. A trial takes about a hundred bytes, most of them for its times and its assignment.
`TrialHistory` and `Evaluation` are views of rows. They are made on access, and read the columns.
"""

import json
import math
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from sweepwright.events import Assignment, Failure

from ..plan.assignment_values import Repeats, median
from ..plan.compressed_texts import CompressedTexts
from ..plan.trial_state import Evaluation, TrialState

_STATES = list(TrialState)
_NO_ROW = -1
_UNKNOWN = -1
"""In the column of booleans: the value None."""


@dataclass(frozen=True, slots=True)
class TrialHistory:
    """The events of a trial, summarised. It shows the present contents of its row."""

    table: "TrialTable"
    number: int

    @property
    def opened(self) -> float:
        """Time at which the trial was opened. All times are in Unix seconds."""
        return self.table.opened[self.number]

    @property
    def started(self) -> float | None:
        """Time at which the first attempt started."""
        return _known(self.table.started[self.number])

    @property
    def ended(self) -> float | None:
        """Time at which the last attempt ended; None while the trial is due or running."""
        return _known(self.table.ended[self.number])

    @property
    def evaluations(self) -> list[Evaluation]:
        """The evaluations of the trial, one per budget, in order."""
        rows = list(self.table.evaluation_rows(self.number))
        return [self.table.evaluation(row) for row in reversed(rows)]

    @property
    def best(self) -> Evaluation | None:
        """The evaluation with the best measurement; the earliest one if several are equal."""
        row = self.table.best[self.number]
        return None if row == _NO_ROW else self.table.evaluation(row)

    @property
    def attempts(self) -> int:
        """Number of attempts at all evaluations together."""
        # A trial that is promoted has no attempt at its last evaluation yet.
        return max(self.table.attempts[row] for row in self.table.evaluation_rows(self.number))

    @property
    def failure(self) -> Failure | None:
        """The last failure, unless the trial was measured after it."""
        return self.table.failures.get(self.number)

    @property
    def repeats(self) -> int | None:
        """Number of the first trial of the same assignment, if the trial measures it again."""
        first = self.table.repeats.first(self.number)
        return None if first == self.number else first

    @property
    def suggested_because(self) -> str:
        """Reason of the tuner that suggested the trial; empty if it gave none."""
        return self.table.suggestion_reasons.get(self.number, "")

    @property
    def measured_in(self) -> list[int]:
        """Numbers of the trials in which the trial's assignment was measured, in order."""
        return [n for n in self.table.repeats.trials(self.number) if self.table.best[n] != _NO_ROW]

    @property
    def median(self) -> float | None:
        """The value of the trial's assignment: the median of the values of all its trials."""
        values = list(map(self.table.value, self.measured_in))
        return median(values) if values else None

    @property
    def reason(self) -> str:
        """Reason of the assessor that stopped the trial."""
        return self.table.reasons.get(self.number, "")

    @property
    def state(self) -> TrialState:
        """State of the trial's last evaluation."""
        return _STATES[self.table.states[self.table.last[self.number]]]

    @property
    def machines(self) -> str:
        """The machines of the last attempt that has started at the trial's last evaluation."""
        return self.table.machine_names[self.table.machines[self.table.last[self.number]]]

    @property
    def budget(self) -> float | None:
        """The largest budget for which the trial was opened."""
        return _known(self.table.budgets[self.table.last[self.number]])

    @property
    def value(self) -> float | None:
        """The best measurement of the trial: the metric's value as the trial reported it."""
        row = self.table.best[self.number]
        return None if row == _NO_ROW else self.table.values[row]

    @property
    def assignment(self) -> Assignment:
        """Parameter values, nested in the same way as in the trial's input."""
        values: Assignment = json.loads(self.table.assignments[self.number])
        return values

    @property
    def metrics(self) -> Mapping[str, Any]:
        """All metrics that the trial reported with its best measurement."""
        row = self.table.best[self.number]
        metrics: dict[str, Any] = (
            {} if row == _NO_ROW else json.loads(self.table.metrics[self.table.metrics_of[row]])
        )
        return metrics


class TrialTable(Sequence[TrialHistory]):
    """The trials of a sweep in the order of their numbers, and their evaluations.

    There are two sets of columns. Those of trials are indexed by trial number. Those of
    evaluations are indexed by row, in the order in which the evaluations began, and the
    evaluations of a trial form a linked list. NaN stands for a time, a budget or a value that is
    not known.
    """

    def __init__(self) -> None:
        self.assignments = CompressedTexts()
        """JSON of each trial's assignment."""
        self.opened = array("d")
        self.started = array("d")
        self.ended = array("d")
        self.last = array("i")
        """Row of each trial's last evaluation."""
        self.best = array("i")
        """Row of each trial's best measurement."""
        self.repeats = Repeats()
        self.suggestion_reasons: dict[int, str] = {}
        """The tuner's reason for each trial for which it gave one."""
        self.failures: dict[int, Failure] = {}
        self.reasons: dict[int, str] = {}

        self.budgets = array("d")
        self.inherited_budgets = array("d")
        self.states = bytearray()
        self.attempts = array("i")
        self.continued = array("b")
        self.values = array("d")
        self.metrics = CompressedTexts()
        """JSON of the metrics of each measurement, in the order of the measurements."""
        self.metrics_of = array("i")
        """Index in `metrics` of each evaluation."""
        self.earlier = array("i")
        """Row of the same trial's evaluation before."""
        self.machines = array("i")
        """Index in `machine_names` of the machines of each evaluation's last attempt."""
        self.machine_names = [""]
        self._machine_indices = {"": 0}

    def __len__(self) -> int:
        """Return the number of trials opened so far."""
        return len(self.opened)

    @overload
    def __getitem__(self, index: int) -> TrialHistory: ...
    @overload
    def __getitem__(self, index: slice) -> list[TrialHistory]: ...
    def __getitem__(self, index: int | slice) -> TrialHistory | list[TrialHistory]:
        """Return a trial, or several."""
        numbers = range(len(self))[index]
        if isinstance(numbers, int):
            return TrialHistory(self, numbers)
        return [TrialHistory(self, number) for number in numbers]

    @property
    def has_machines(self) -> bool:
        """Whether the platform has named the machine of any trial."""
        return len(self.machine_names) > 1

    def numbers_in(self, states: Collection[TrialState]) -> Iterator[int]:
        """Yield the numbers of the trials that are in one of these states, in order."""
        indices = {_STATES.index(state) for state in states}
        return (n for n, row in enumerate(self.last) if self.states[row] in indices)

    def measured(self) -> Iterator[int]:
        """Yield the numbers of the trials that have a measurement, in order."""
        return (number for number, row in enumerate(self.best) if row != _NO_ROW)

    def measured_assignments(self) -> Iterator[int]:
        """Return the number of the first measured trial of each assignment, in order."""
        if not self.repeats:
            return self.measured()
        trials: dict[int, int] = {}
        for number in self.measured():
            trials.setdefault(self.repeats.first(number), number)
        return iter(trials.values())

    def value(self, number: int) -> float:
        """Return the best measurement of a trial that has one."""
        return self.values[self.best[number]]

    def evaluation(self, row: int) -> Evaluation:
        """Return the evaluation in a row."""
        continued = self.continued[row]
        return Evaluation(
            _known(self.budgets[row]),
            self.inherited_budgets[row],
            _STATES[self.states[row]],
            self.attempts[row],
            None if continued == _UNKNOWN else bool(continued),
            _known(self.values[row]),
            self.machine_names[self.machines[row]],
        )

    def evaluation_rows(self, number: int) -> Iterator[int]:
        """Yield the rows of a trial's evaluations, last first."""
        row = self.last[number]
        while row != _NO_ROW:
            yield row
            row = self.earlier[row]

    def open_trial(
        self, assignment: str, time: float, repeats: int | None = None, reason: str = ""
    ) -> None:
        """Add the next trial, with the JSON of its assignment. It has no evaluation yet.

        Raises a `LookupError` if the trial that it repeats is not the first of its assignment.
        """
        if repeats is not None:
            self.repeats.add(len(self), repeats)
        if reason:
            self.suggestion_reasons[len(self)] = reason
        self.assignments.append(assignment)
        self.opened.append(time)
        self.started.append(math.nan)
        self.ended.append(math.nan)
        self.last.append(_NO_ROW)
        self.best.append(_NO_ROW)

    def begin_evaluation(self, number: int, budget: float | None, inherited_budget: float) -> None:
        """Begin another evaluation of a trial. The trial no longer counts as ended."""
        self.ended[number] = math.nan
        self.budgets.append(math.nan if budget is None else budget)
        self.inherited_budgets.append(inherited_budget)
        self.states.append(_STATES.index(TrialState.DUE))
        self.attempts.append(0)
        self.continued.append(_UNKNOWN)
        self.values.append(math.nan)
        self.metrics_of.append(_NO_ROW)
        self.machines.append(0)
        self.earlier.append(self.last[number])
        self.last[number] = len(self.states) - 1

    def set_state(self, number: int, state: TrialState, attempt: int) -> None:
        """Set the state and the last attempt of a trial's last evaluation."""
        row = self.last[number]
        self.states[row] = _STATES.index(state)
        self.attempts[row] = attempt

    def set_machines(self, number: int, machines: str) -> None:
        """Set the machines of the last attempt at a trial's last evaluation."""
        index = self._machine_indices.setdefault(machines, len(self.machine_names))
        if index == len(self.machine_names):
            self.machine_names.append(machines)
        self.machines[self.last[number]] = index

    def set_continued(self, number: int, *, continued: bool | None) -> None:
        """Set whether a trial's last attempt continued from the inherited checkpoint."""
        self.continued[self.last[number]] = _UNKNOWN if continued is None else continued

    def measure(self, number: int, value: float, metrics: str, *, best: bool) -> None:
        """Set the value and the JSON of the metrics of a trial's last evaluation."""
        row = self.last[number]
        self.values[row] = value
        self.metrics_of[row] = len(self.metrics)
        self.metrics.append(metrics)
        if best:
            self.best[number] = row


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number

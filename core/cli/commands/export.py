"""Export the trials of a sweep, one trial per line, or what its tuner predicts."""

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from sweepwright.events import Json

from ...plan.redaction import mask_body
from ...store.history import History
from ...store.sweep_files import JOURNAL
from ...store.trial_table import TrialHistory
from ...views.belief_text import prediction_body
from ...views.formatting import flatten
from ...views.output import echo_error, escape_controls, json_text, standard_output
from ..arguments import Arguments, UsageError
from ..beliefs import describe_missing, require_belief
from ..recorded_sweep import read_sweep


def main(arguments: Arguments) -> int:
    """Write to standard output or to the file that ``--output`` names; return the exit code.

    The exit code is 1 if there is no prediction to write.
    """
    history = read_sweep(arguments)
    write = _writer(history, arguments)
    if write is None:
        echo_error(f"error: {describe_missing(history)}")
        return 1
    path = arguments.value("--output")
    if path is None:
        with standard_output() as output:
            write(output)
        return 0
    _refuse_journals(path)
    try:
        with Path(path).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            write(file)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    return 0


def _writer(history: History, arguments: Arguments) -> Callable[[TextIO], None] | None:
    """Return the function that writes what the command line asks for; None if there is nothing."""
    as_csv = arguments.format == "csv"
    if not arguments.has("--predicted"):
        return partial(_write_csv if as_csv else _write_jsonl, history)
    belief = require_belief(history)
    if belief is None:
        return None
    body = prediction_body(belief, history.plan.objective)
    return partial(_write_prediction, history, body, as_csv=as_csv)


def _refuse_journals(path: str) -> None:
    """Raise if a file belongs to a journal, which would be lost for good."""
    if Path(os.path.realpath(path)).name.startswith(JOURNAL):
        raise UsageError(f"{path} is a file of a sweep's journal; name another: --output FILE")


def _write_prediction(
    history: History, body: Mapping[str, Json], file: TextIO, *, as_csv: bool
) -> None:
    """Write what the tuner believes as one record, with columns as those of a trial."""
    if as_csv:
        names = _parameters(history)
        writer = _csv_writer(file)
        writer.writerow([*body, *(f"space.{name}" for name in names)])
        writer.writerow(_cells(body, list(body), names))
    else:
        file.write(f"{json_text(body)}\n")


def _write_jsonl(history: History, file: TextIO) -> None:
    file.writelines(f"{json_text(_body(trial))}\n" for trial in history.trials)


def _write_csv(history: History, file: TextIO) -> None:
    """Write one column per field of a JSON record, and one column per parameter."""
    names, writer = _parameters(history), _csv_writer(file)
    table = history.trials
    optional = {
        "machines": table.has_machines,
        "repeats": table.repeats,
        "median": table.repeats,
        "reason": table.suggestion_reasons,
    }
    columns = [name for name in _COLUMNS if optional.get(name, True)]
    writer.writerow([*columns, *(f"space.{name}" for name in names)])
    for trial in history.trials:
        writer.writerow(_cells(_body(trial), columns, names))


def _parameters(history: History) -> list[str]:
    return [parameter.name for parameter in history.plan.space.parameters]


def _csv_writer(file: TextIO) -> Any:
    # On a terminal, somebody reads the table. In files and pipes its text stays exact.
    return csv.writer(_Escaping(file) if file.isatty() else file, lineterminator="\n")


class _Escaping:
    """Writes to a terminal with control characters escaped, apart from line breaks."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def write(self, text: str) -> int:
        """Write escaped text."""
        return self._terminal.write(escape_controls(text, keep="\n"))


_COLUMNS = (
    "number",
    "state",
    "value",
    "repeats",
    "median",
    "reason",
    "budget",
    "measurements",
    "attempts",
    "machines",
    "failure",
    "opened",
    "started",
    "ended",
    "assignment",
    "metrics",
)


def _body(trial: TrialHistory) -> dict[str, Json]:
    failure, table = trial.failure, trial.table
    again = {"repeats": trial.repeats, "median": trial.median} if table.repeats else {}
    return {
        "number": trial.number,
        "state": str(trial.state),
        "value": trial.value,
        **again,
        **({"reason": trial.suggested_because} if table.suggestion_reasons else {}),
        "budget": trial.budget,
        "measurements": [
            {"budget": step.budget, "value": step.value, "continued": step.continued}
            for step in trial.evaluations
            if step.value is not None
        ],
        "attempts": trial.attempts,
        **({"machines": trial.machines} if table.has_machines else {}),
        "failure": f"{failure.kind}: {failure.message}" if failure else None,
        "opened": trial.opened,
        "started": trial.started,
        "ended": trial.ended,
        "assignment": dict(trial.assignment),
        "metrics": dict(trial.metrics),
    }


def _cells(record: Mapping[str, Json], columns: list[str], names: list[str]) -> Iterator[Json]:
    body = mask_body(dict(record))
    parameters = dict(flatten(body["assignment"] or {}))
    for column in columns:
        cell = body[column]
        yield json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else cell
    for name in names:
        yield parameters.get(name)

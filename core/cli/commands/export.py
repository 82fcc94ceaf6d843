"""Export the trials of a sweep, one trial per line."""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from sweepwright.events import Json

from ...plan.redaction import mask_body
from ...store.history import History
from ...store.sweep_files import JOURNAL
from ...store.trial_table import TrialHistory
from ...views.formatting import flatten
from ...views.output import escape_controls, json_text, standard_output
from ..arguments import Arguments, UsageError
from ..recorded_sweep import read_sweep


def main(arguments: Arguments) -> int:
    """Write the trials to standard output, or to the file that ``--output`` names."""
    history = read_sweep(arguments)
    write = _write_csv if arguments.format == "csv" else _write_jsonl
    path = arguments.value("--output")
    if path is None:
        with standard_output() as output:
            write(history, output)
        return 0
    _refuse_journals(path)
    try:
        with Path(path).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            write(history, file)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    return 0


def _refuse_journals(path: str) -> None:
    """Raise if a file belongs to a journal, which would be lost for good."""
    if Path(os.path.realpath(path)).name.startswith(JOURNAL):
        raise UsageError(f"{path} is a file of a sweep's journal; name another: --output FILE")


def _write_jsonl(history: History, file: TextIO) -> None:
    file.writelines(f"{json_text(_body(trial))}\n" for trial in history.trials)


def _write_csv(history: History, file: TextIO) -> None:
    """Write one column per field of a JSON record, and one column per parameter."""
    names = [parameter.name for parameter in history.plan.space.parameters]
    # On a terminal, somebody reads the table. In files and pipes its text stays exact.
    writer = csv.writer(_Escaping(file) if file.isatty() else file, lineterminator="\n")
    columns = [name for name in _COLUMNS if name != "machines" or history.trials.has_machines]
    writer.writerow([*columns, *(f"space.{name}" for name in names)])
    for trial in history.trials:
        writer.writerow(_cells(trial, columns, names))


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
    failure = trial.failure
    return {
        "number": trial.number,
        "state": str(trial.state),
        "value": trial.value,
        "budget": trial.budget,
        "measurements": [
            {"budget": step.budget, "value": step.value, "continued": step.continued}
            for step in trial.evaluations
            if step.value is not None
        ],
        "attempts": trial.attempts,
        **({"machines": trial.machines} if trial.table.has_machines else {}),
        "failure": f"{failure.kind}: {failure.message}" if failure else None,
        "opened": trial.opened,
        "started": trial.started,
        "ended": trial.ended,
        "assignment": dict(trial.assignment),
        "metrics": dict(trial.metrics),
    }


def _cells(trial: TrialHistory, columns: list[str], names: list[str]) -> Iterator[Json]:
    body = mask_body(_body(trial))
    parameters = dict(flatten(body["assignment"]))
    for column in columns:
        cell = body[column]
        yield json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else cell
    for name in names:
        yield parameters.get(name)

"""The records of TensorBoard's that a journal comes to: pure, and the same at each reading.

What a row adds to a run depends on the rows before it alone, so whoever reads a longer journal
writes the same records, and then more.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS
from tensorboard.plugins.hparams.plugin_data_pb2 import (
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)
from tensorboard.summary.writer.record_writer import RecordWriter

from sweepwright.events import Json

from ...plan.plan import Plan
from ...store.history import CLOSED
from ...store.journal import Row
from ..formatting import flatten
from .hparams import FINAL, cell, experiment, kinds

WHOLE = ""
"""The run that is about the sweep as a whole."""


class Record(NamedTuple):
    """What is added to a run's file."""

    run: str
    data: bytes


@dataclass(slots=True)
class _Run:
    """What was written of a trial so far."""

    steps: int = 0
    attempt: int = 0
    budget: float | None = None
    measured: bool = False
    ended: bool = False


class Records:
    """Makes records of a journal's rows, taken in their order."""

    def __init__(self, plan: Plan, created: float) -> None:
        self._plan = plan
        self._created = created
        self._kinds = kinds(plan.space)
        self._runs: dict[int, _Run] = defaultdict(_Run)

    def begin(self) -> Iterator[Record]:
        """Write what is known before anything happens."""
        described = HParamsPluginData(experiment=experiment(self._plan, self._created))
        yield _first(WHOLE, self._created)
        yield _about(WHOLE, self._created, metadata.EXPERIMENT_TAG, described)

    def take(self, row: Row) -> Iterator[Record]:
        """Write what a row adds."""
        if row.kind == CLOSED:
            yield from self._close(row)
        elif row.trial is not None:
            yield from self._take(row, run_name(row.trial), self._runs[row.trial])

    def _take(self, row: Row, name: str, run: _Run) -> Iterator[Record]:
        body = json.loads(row.body)
        match row.kind:
            case "opened":
                run.budget, run.measured = body.get("budget"), False
                if "promote" not in body:
                    yield from self._open(row, name, body)
            case "reported" if not body["final"]:
                yield from _report(row, name, run, body)
            case "measured":
                run.measured = True
                yield _scalars(row, name, max(1, run.steps), body["metrics"], f"{FINAL}/")
                if not self._may_go_on(run):
                    yield from _end(row, name, run, STATUS_SUCCESS)
            case "stopped":
                yield from _end(row, name, run, STATUS_SUCCESS)
            case "failed" | "lost":
                yield from _end(row, name, run, STATUS_FAILURE)

    def _open(self, row: Row, name: str, body: Json) -> Iterator[Record]:
        values = {
            parameter: cell(value, self._kinds.get(parameter))
            for parameter, value in flatten(body["assignment"])
        }
        info = SessionStartInfo(hparams=values, group_name=name, start_time_secs=row.time)
        yield _first(name, row.time)
        yield _start(row, name, 0)  # only a later one says that something begins anew
        described = HParamsPluginData(session_start_info=info)
        yield _about(name, row.time, metadata.SESSION_START_INFO_TAG, described)

    def _may_go_on(self, run: _Run) -> bool:
        budget = self._plan.budget
        return budget is not None and run.budget is not None and run.budget < budget.maximum

    def _close(self, row: Row) -> Iterator[Record]:
        """End the trials that might have gone on, and did not."""
        for number, run in self._runs.items():
            if run.measured:
                yield from _end(row, run_name(number), run, STATUS_SUCCESS)


def run_name(trial: int) -> str:
    """Name the run of a trial."""
    return f"trial-{trial}"


def _report(row: Row, name: str, run: _Run, body: Json) -> Iterator[Record]:
    if row.attempt != run.attempt:
        run.attempt = row.attempt or 1
        if run.steps and not body.get("continued"):
            run.steps = 0
            yield _start(row, name, 1)
    run.steps += 1
    yield _scalars(row, name, run.steps, body["metrics"])


def _start(row: Row, name: str, step: int) -> Record:
    """Have TensorBoard forget a curve from a step on, since nobody went on from there."""
    return _record(name, row.time, step=step, session_log=SessionLog(status=SessionLog.START))


def _end(row: Row, name: str, run: _Run, status: int) -> Iterator[Record]:
    """End a trial, once: TensorBoard keeps the first end that it hears of."""
    if not run.ended:
        run.ended = True
        info = SessionEndInfo(status=status, end_time_secs=row.time)
        described = HParamsPluginData(session_end_info=info)
        yield _about(name, row.time, metadata.SESSION_END_INFO_TAG, described)


def _first(run: str, time: float) -> Record:
    return _record(run, time, file_version="brain.Event:2")


def _about(run: str, time: float, tag: str, described: HParamsPluginData) -> Record:
    described.version = metadata.PLUGIN_DATA_VERSION
    content = described.SerializeToString(deterministic=True)
    plugin = SummaryMetadata.PluginData(plugin_name=metadata.PLUGIN_NAME, content=content)
    about = SummaryMetadata(plugin_data=plugin)
    value = Summary.Value(tag=tag, metadata=about, tensor=metadata.NULL_TENSOR)
    return _record(run, time, summary=Summary(value=[value]))


def _scalars(
    row: Row, run: str, step: int, metrics: Mapping[str, Any], prefix: str = ""
) -> Record:
    values = [
        Summary.Value(tag=f"{prefix}{name}", simple_value=number)
        for name, value in metrics.items()
        if (number := _number(value)) is not None
    ]
    return _record(run, row.time, step=step, summary=Summary(value=values))


def _number(value: Any) -> float | None:
    """Read a metric, of which those that are not finite travel as text; None for other text."""
    try:
        return float(value)
    except ValueError:
        return None


def _record(run: str, time: float, **content: Any) -> Record:
    event = Event(wall_time=time, **content)
    written = BytesIO()
    RecordWriter(written).write(event.SerializeToString(deterministic=True))
    return Record(run, written.getvalue())

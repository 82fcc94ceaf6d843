"""Converts the entries of a journal to records of TensorBoard's event files.

The records of an entry depend only on this entry and the entries before it, not on a clock or a
file. Reading the same journal again therefore yields the same bytes. If the journal has grown, its
new entries only add records at the end, so `writer` can continue its files.
"""

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

from sweepwright.events import (
    Assignment,
    Failed,
    Lost,
    Measured,
    Opened,
    Reported,
    Start,
    Stopped,
    StudyEvent,
)

from ...plan.plan import Plan
from ...plan.redaction import mask_body
from ...store.entries import Entry, EventEntry, SessionEnded
from ..formatting import flatten
from .hparams import FINAL, cell, column_types, experiment

RUN_PREFIX = "trial-"
"""Beginning of the name of a trial's run, before the trial's number."""
SWEEP_RUN = ""
"""Name of the run that describes the sweep as a whole."""


class Record(NamedTuple):
    """Bytes to append to the file of a run."""

    run: str
    data: bytes


@dataclass(slots=True)
class _Run:
    """The state of a trial's run after the records that have been written so far."""

    name: str
    steps: int = 0
    """Length of the curve that TensorBoard shows."""
    attempt: int = 0
    """The attempt that reported last."""
    budget: float | None = None
    measured: bool = False
    """Whether the trial has a measurement at its present budget."""
    ended: bool = False


class RecordBuilder:
    """Builds the records of a journal's entries. The entries must be added in order."""

    def __init__(self, plan: Plan, created: float) -> None:
        self._plan = plan
        self._created = created
        self._column_types = column_types(plan.space)
        self._runs: dict[int, _Run] = {}

    def header(self) -> Iterator[Record]:
        """Yield the records at the beginning, before the records of the first entry."""
        description = HParamsPluginData(experiment=experiment(self._plan, self._created))
        yield _file_version(SWEEP_RUN, self._created)
        yield _hparams(SWEEP_RUN, self._created, metadata.EXPERIMENT_TAG, description)

    def add(self, entry: Entry) -> Iterator[Record]:
        """Yield the records of an entry."""
        match entry:
            case SessionEnded():
                yield from self._end_measured(entry.time)
            case EventEntry(event):
                number = event.trial.number
                run = self._runs.setdefault(number, _Run(run_name(number)))
                yield from self._add_event(run, event, entry.time)

    def _add_event(self, run: _Run, event: StudyEvent, time: float) -> Iterator[Record]:
        match event:
            case Opened(trial, suggestion):
                run.budget, run.measured = trial.budget, False
                if isinstance(suggestion, Start):
                    yield from self._start(run, suggestion.assignment, time)
            case Reported(final=False):
                yield from _report(run, event, time)
            case Measured(metrics=metrics):
                run.measured = True
                yield _scalars(run, max(1, run.steps), metrics, time, prefix=f"{FINAL}/")
                if not self._promotable(run):
                    yield from _end(run, STATUS_SUCCESS, time)
            case Stopped():
                yield from _end(run, STATUS_SUCCESS, time)
            case Failed() | Lost():
                yield from _end(run, STATUS_FAILURE, time)

    def _start(self, run: _Run, assignment: Assignment, time: float) -> Iterator[Record]:
        values = {
            name: cell(value, self._column_types.get(name))
            for name, value in flatten(mask_body(assignment))
        }
        info = SessionStartInfo(hparams=values, group_name=run.name, start_time_secs=time)
        yield _file_version(run.name, time)
        # TensorBoard takes the first session record of a run for its beginning, and only a later
        # one for a restart. A run whose curve restarts therefore needs an earlier session record.
        yield _restart(run, 0, time)
        description = HParamsPluginData(session_start_info=info)
        yield _hparams(run.name, time, metadata.SESSION_START_INFO_TAG, description)

    def _promotable(self, run: _Run) -> bool:
        budget = self._plan.budget
        return budget is not None and run.budget is not None and run.budget < budget.maximum

    def _end_measured(self, time: float) -> Iterator[Record]:
        """End the runs of trials that could have been promoted, because the session is over."""
        for run in self._runs.values():
            if run.measured:
                yield from _end(run, STATUS_SUCCESS, time)


def run_name(trial: int) -> str:
    """Return the name of a trial's run."""
    return f"{RUN_PREFIX}{trial}"


def _report(run: _Run, report: Reported, time: float) -> Iterator[Record]:
    if report.attempt != run.attempt:
        run.attempt = report.attempt
        if run.steps and not report.continued:
            run.steps = 0
            yield _restart(run, 1, time)
    run.steps += 1
    yield _scalars(run, run.steps, report.metrics, time)


def _restart(run: _Run, step: int, time: float) -> Record:
    """Make TensorBoard drop a curve from a step on. The next attempt does not continue it."""
    return _record(run.name, time, step=step, session_log=SessionLog(status=SessionLog.START))


def _end(run: _Run, status: int, time: float) -> Iterator[Record]:
    """End a run, unless it has ended before: TensorBoard keeps only the first end of a run."""
    if not run.ended:
        run.ended = True
        info = SessionEndInfo(status=status, end_time_secs=time)
        description = HParamsPluginData(session_end_info=info)
        yield _hparams(run.name, time, metadata.SESSION_END_INFO_TAG, description)


def _file_version(run: str, time: float) -> Record:
    """Return the record that every event file begins with."""
    return _record(run, time, file_version="brain.Event:2")


def _hparams(run: str, time: float, tag: str, description: HParamsPluginData) -> Record:
    """Return a record for the plugin HPARAMS, which reads it from the metadata of a summary."""
    description.version = metadata.PLUGIN_DATA_VERSION
    content = description.SerializeToString(deterministic=True)
    plugin = SummaryMetadata.PluginData(plugin_name=metadata.PLUGIN_NAME, content=content)
    value = Summary.Value(
        tag=tag, metadata=SummaryMetadata(plugin_data=plugin), tensor=metadata.NULL_TENSOR
    )
    return _record(run, time, summary=Summary(value=[value]))


def _scalars(
    run: _Run, step: int, metrics: Mapping[str, Any], time: float, prefix: str = ""
) -> Record:
    values = [
        Summary.Value(tag=f"{prefix}{name}", simple_value=number)
        for name, value in metrics.items()
        if (number := _number(value)) is not None
    ]
    return _record(run.name, time, step=step, summary=Summary(value=values))


def _number(value: Any) -> float | None:
    """Return a metric as a float, or None if there is none. Text such as ``nan`` is a number."""
    try:
        return float(value)
    except (OverflowError, TypeError, ValueError):
        return None


def _record(run: str, time: float, **content: Any) -> Record:
    # Serialisation must be deterministic: the order of map fields is otherwise unspecified, and
    # the writer compares bytes.
    event = Event(wall_time=time, **content)
    written = BytesIO()
    RecordWriter(written).write(event.SerializeToString(deterministic=True))
    return Record(run, written.getvalue())

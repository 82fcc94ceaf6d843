"""The files for TensorBoard hold what the journal holds, however often they are written."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from sweepwright.contracts import Budget
from sweepwright.core.plan.plan import Plan
from sweepwright.core.store.entries import EventEntry, SessionEnded
from sweepwright.core.store.journal import Journal
from sweepwright.events import (
    Assignment,
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Promote,
    Reported,
    Retried,
    Start,
    Started,
    Stopped,
    StudyEvent,
    Trial,
)
from sweepwright.space import Categorical, Nested, Parameter, Real, SearchSpace
from sweepwright.space import Condition as When
from tests.core.examples import ASSIGNMENT, plan

pytest.importorskip("tensorboard")

from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)
from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.api_pb2 import (
    STATUS_FAILURE,
    STATUS_SUCCESS,
)

from sweepwright.core.views.tensorboard.writer import FILE, TensorBoardWriter

Append: TypeAlias = Callable[..., Path]
CRASH = Failure(FailureKind.ERROR, "ValueError: bad lr")
NESTED = SearchSpace(
    [
        Parameter("optimizer", Nested(("adam", "sgd"))),
        Parameter(
            "optimizer.sgd.momentum",
            Real(0, 1),
            ("optimizer", "momentum"),
            When("optimizer", (1,)),
        ),
        Parameter("batch", Categorical((8, "all"))),
        Parameter("augment", Categorical((False, True))),
    ]
)


@pytest.fixture
def append(tmp_path: Path) -> Iterator[Append]:
    """Return a function that adds to a sweep's journal, and returns the sweep's folder."""
    journals: list[Journal] = []

    def add(*events: StudyEvent | str, of: Plan | None = None) -> Path:
        if not journals:
            Journal.create(tmp_path, of or plan())
            journals.append(Journal(tmp_path))
        for event in events:
            if isinstance(event, str):
                journals[0].append(SessionEnded(event, ""))
            else:
                journals[0].append(EventEntry(event))
        journals[0].commit()
        return tmp_path

    yield add
    for journal in journals:
        journal.close()


def write(sweep: Path) -> dict[str, bytes]:
    """Write the files of a sweep; return their contents."""
    with closing(TensorBoardWriter(sweep)) as writer:
        writer.update()
    return contents(sweep)


def contents(sweep: Path) -> dict[str, bytes]:
    folder = sweep / "tensorboard"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob(FILE)}


def read(sweep: Path, run: str = "trial-0") -> Any:
    """Read a run as TensorBoard does."""
    events = EventAccumulator(str(sweep / "tensorboard" / run))
    events.Reload()
    return events


def curve(sweep: Path, tag: str = "default", run: str = "trial-0") -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in read(sweep, run).Scalars(tag)]


def content(events: Any, tag: str) -> bytes:
    found: bytes = events.summary_metadata[tag].plugin_data.content
    return found


def parameters(sweep: Path, run: str = "trial-0") -> dict[str, Any]:
    """Read the parameters of a trial in the table of trials."""
    written = content(read(sweep, run), metadata.SESSION_START_INFO_TAG)
    info = metadata.parse_session_start_info_plugin_data(written)
    return {name: getattr(v, v.WhichOneof("kind")) for name, v in info.hparams.items()}


def status(sweep: Path, run: str = "trial-0") -> int | None:
    events = read(sweep, run)
    if metadata.SESSION_END_INFO_TAG not in events.summary_metadata:
        return None
    written = content(events, metadata.SESSION_END_INFO_TAG)
    return int(metadata.parse_session_end_info_plugin_data(written).status)


def opened(assignment: Assignment = ASSIGNMENT, budget: float | None = None) -> list[StudyEvent]:
    trial = Trial(0, assignment, budget)
    return [Opened(trial, Start(assignment, budget)), Started(trial, 1)]


def reported(
    *values: Any, attempt: int = 1, first: int = 0, continued: bool = False
) -> list[StudyEvent]:
    return [
        Reported(
            TRIAL,
            0.0,
            attempt,
            sequence,
            {"default": value, "epoch": sequence + 1},
            continued=continued,
        )
        for sequence, value in enumerate(values, first)
    ]


TRIAL = Trial(0, ASSIGNMENT)
MEASURED = Measured(TRIAL, -0.75, 1, {"default": 0.75, "test_accuracy": 0.5})
FINAL = Reported(TRIAL, -0.75, 1, 2, {"default": 0.75, "test_accuracy": 0.5}, final=True)


def test_a_trial_is_a_run_with_its_parameters_its_curve_and_its_result(append: Append) -> None:
    sweep = append(*opened(), *reported(0.25, 0.5), FINAL, MEASURED)
    write(sweep)

    assert parameters(sweep) == {"lr": 0.01, "layers": 2.0, "activation": "tanh"}
    assert curve(sweep) == [(1, 0.25), (2, 0.5)]
    assert curve(sweep, "epoch") == [(1, 1.0), (2, 2.0)]
    assert curve(sweep, "final/default") == [(2, 0.75)]
    assert curve(sweep, "final/test_accuracy") == [(2, 0.5)]
    assert status(sweep) == STATUS_SUCCESS


def test_the_columns_of_the_table_are_those_of_the_space_and_the_objective(append: Append) -> None:
    sweep = append(*opened())
    write(sweep)
    described = metadata.parse_experiment_plugin_data(
        content(read(sweep, ""), metadata.EXPERIMENT_TAG)
    )
    lr, layers, activation = described.hparam_infos

    assert (lr.name, lr.domain_interval.min_value, lr.domain_interval.max_value) == (
        "lr",
        1e-4,
        1.0,
    )
    assert (layers.name, layers.domain_interval.max_value) == ("layers", 4)
    assert [value.string_value for value in activation.domain_discrete.values] == ["relu", "tanh"]
    assert [info.name.tag for info in described.metric_infos] == ["final/default", "default"]


@pytest.mark.parametrize(
    ("assignment", "shown"),
    [
        (
            {"optimizer": {"_name": "sgd", "momentum": 0.5}, "batch": 8, "augment": True},
            {
                "optimizer": "sgd",
                "optimizer.sgd.momentum": 0.5,
                "batch": "8",
                "augment": True,
            },
        ),
        (
            {"optimizer": {"_name": "adam"}, "batch": "all", "augment": False},
            {"optimizer": "adam", "batch": "all", "augment": False},
        ),
        ({"derived": [1, None], "epochs": 3}, {"derived": "[1, null]", "epochs": 3.0}),
    ],
)
def test_nested_parameters_have_dotted_names_and_inactive_ones_no_value(
    append: Append, assignment: Assignment, shown: dict[str, Any]
) -> None:
    sweep = append(*opened(assignment), of=plan(space=NESTED))
    write(sweep)

    assert parameters(sweep) == shown


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ([], None),
        ([Stopped(TRIAL, 0.5, "hopeless")], STATUS_SUCCESS),
        ([Failed(TRIAL, CRASH)], STATUS_FAILURE),
        ([Lost(TRIAL, CRASH)], STATUS_FAILURE),
        ([Retried(TRIAL, CRASH)], None),
    ],
)
def test_the_table_shows_how_a_trial_ended(
    append: Append, ending: list[StudyEvent], expected: int | None
) -> None:
    sweep = append(*opened(), *ending)
    write(sweep)

    assert status(sweep) == expected


def test_an_attempt_that_starts_over_replaces_the_curve(
    append: Append,
) -> None:
    sweep = append(
        *opened(), *reported(0.1, 0.2, 0.3), Retried(TRIAL, CRASH), *reported(0.4, 0.5, attempt=2)
    )
    write(sweep)

    assert [step for step, _ in curve(sweep)] == [1, 2]
    assert curve(sweep)[0][1] == pytest.approx(0.4)


def test_an_attempt_that_continues_from_a_checkpoint_continues_the_curve(append: Append) -> None:
    sweep = append(
        *opened(budget=1),
        *reported(0.25),
        MEASURED,
        Opened(replace(TRIAL, budget=3), Promote(0, 3)),
        *reported(0.5, 0.625, attempt=2, continued=True),
        of=plan(budget=Budget(3, 1, "epochs")),
    )
    write(sweep)

    assert curve(sweep) == [(1, 0.25), (2, 0.5), (3, 0.625)]
    assert curve(sweep, "final/default") == [(1, 0.75)]


def test_a_promotable_trial_ends_with_its_sweep(append: Append) -> None:
    sweep = append(*opened(budget=1), MEASURED, of=plan(budget=Budget(3, 1, "epochs")))
    write(sweep)
    before = status(sweep)
    append("done")
    write(sweep)

    assert before is None
    assert status(sweep) == STATUS_SUCCESS


def test_a_trial_at_the_largest_budget_has_ended(append: Append) -> None:
    sweep = append(*opened(budget=3), MEASURED, of=plan(budget=Budget(3, 1, "epochs")))
    write(sweep)

    assert status(sweep) == STATUS_SUCCESS


def test_values_that_are_not_finite_are_shown(append: Append) -> None:
    sweep = append(*opened(), *reported("nan", "inf", "-inf", 1e300))
    write(sweep)

    assert str([value for _, value in curve(sweep)]) == "[nan, inf, -inf, inf]"


def test_a_metric_that_is_not_a_number_is_left_out(append: Append) -> None:
    sweep = append(*opened(), *reported(0.5, "hello"))
    write(sweep)

    assert curve(sweep) == [(1, 0.5)]


EVENTS = [*opened(), *reported(0.25, 0.5), FINAL, MEASURED, "done"]


def test_writing_again_adds_nothing(append: Append) -> None:
    sweep = append(*EVENTS)
    once = write(sweep)

    assert write(sweep) == once
    assert set(once) == {FILE, f"trial-0/{FILE}"}


def test_two_writers_at_once_write_the_same_bytes(append: Append) -> None:
    sweep = append(*EVENTS[:3])
    with closing(TensorBoardWriter(sweep)) as one, closing(TensorBoardWriter(sweep)) as other:
        for writer in (one, other):
            writer.update()
        append(*EVENTS[3:])
        for writer in (other, one):
            writer.update()
    together = contents(sweep)
    for path in (sweep / "tensorboard").rglob(FILE):
        path.unlink()

    assert write(sweep) == together


def test_writing_as_the_journal_grows_gives_the_same_bytes_as_writing_once(append: Append) -> None:
    sweep = append()
    with closing(TensorBoardWriter(sweep)) as writer:
        for event in EVENTS:
            writer.update()
            append(event)
        writer.update()
    grown = contents(sweep)
    for path in (sweep / "tensorboard").rglob(FILE):
        path.unlink()

    assert write(sweep) == grown


@pytest.mark.parametrize("damage", [b"", b"\0", b"another version wrote this", b"x" * 10_000])
def test_a_torn_file_or_one_of_another_version_is_repaired(append: Append, damage: bytes) -> None:
    sweep = append(*EVENTS)
    whole = write(sweep)
    path = sweep / "tensorboard" / "trial-0" / FILE
    path.write_bytes(path.read_bytes()[:40] + damage)

    assert write(sweep) == whole


def test_logs_of_attempts_are_linked_by_paths_that_survive_a_move_of_the_sweep(
    append: Append, tmp_path: Path
) -> None:
    sweep = append(*EVENTS)
    logs = sweep / "trials" / "0" / "2" / "tensorboard"
    logs.mkdir(parents=True)
    (sweep / "trials" / "0" / "1").mkdir()
    (logs / "mine.tfevents").write_bytes(b"")
    for _ in range(2):
        write(sweep)
    (tmp_path / "moved").mkdir()
    for part in ("trials", "tensorboard"):
        (sweep / part).rename(tmp_path / "moved" / part)
    run = tmp_path / "moved" / "tensorboard" / "trial-0"

    assert {path.name for path in run.iterdir()} == {FILE, "attempt-2"}
    assert [path.name for path in (run / "attempt-2").iterdir()] == ["mine.tfevents"]

"""What is written is read back unchanged, and no output of a trial raises an error."""

import json
import math
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright import protocol
from sweepwright.event_json import event_body, kind_of, read_event
from sweepwright.events import (
    Attempt,
    CheckpointRef,
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
from sweepwright.protocol import (
    TrialLine,
    describe_attempt,
    dumps,
    finite,
    read_line,
    write_line,
)
from sweepwright.space import Parameter, Real, SearchSpace
from sweepwright.space.space_json import read_space, space_body
from sweepwright.testing.problems import PROBLEMS
from tests.sweepwright.spaces import spaces

TRIAL = Trial(3, {"lr": 0.1, "model": {"_name": "net", "sizes": [1, 2]}}, 9.0)
FAILURE = Failure(FailureKind.MEMORY, "killed by the kernel: out of memory")
EVENTS: list[StudyEvent] = [
    Opened(TRIAL, Start(TRIAL.assignment)),
    Opened(TRIAL, Start(TRIAL.assignment, 9.0, CheckpointRef(1, 2))),
    Opened(TRIAL, Start(TRIAL.assignment, repeats=0, reason="its first result is an outlier")),
    Opened(TRIAL, Promote(3, 9.0)),
    Started(TRIAL, 2, {"pids": [1, 2]}),
    Reported(TRIAL, -0.5, 2, 7, {"default": 0.5, "loss": "nan"}, final=True),
    Reported(TRIAL, None),
    Reported(TRIAL, 0.5, 2, continued=True),
    Measured(TRIAL, 1e300, 2, {"default": 1}),
    Stopped(TRIAL, None, "worse than the median", 2),
    Failed(TRIAL, FAILURE, 2),
    Lost(TRIAL, FAILURE, 2),
    Retried(TRIAL, FAILURE, 2, counted=False),
]
LINE = TrialLine(2, "main", 0, 7, True, {"default": 0.5, "loss": "nan"}, True, "a1")  # noqa: FBT003 - in the order of the fields
GOOD = json.loads(write_line(LINE))
NEEDED = [key for key in GOOD if key not in ("continued", "process")]


def attempt_of(event: StudyEvent) -> int:
    return 1 if isinstance(event, Opened) else event.attempt


@pytest.mark.parametrize("event", EVENTS, ids=kind_of)
def test_events_are_read_as_they_were_written(event: StudyEvent) -> None:
    body = json.loads(dumps(event_body(event)))

    assert read_event(kind_of(event), TRIAL, attempt_of(event), body) == event


def test_there_is_an_example_of_every_event() -> None:
    kinds = set(get_args(StudyEvent))

    assert {type(event) for event in EVENTS} == kinds


def test_an_unknown_kind_of_event_is_refused() -> None:
    with pytest.raises(ValueError, match="'paused'"):
        read_event("paused", TRIAL, 1, {})


@given(spaces())
def test_spaces_are_read_as_they_were_written(space: SearchSpace) -> None:
    assert read_space(json.loads(dumps(space_body(space)))) == space


@pytest.mark.parametrize("name", PROBLEMS)
def test_nested_spaces_and_defaults_are_read_as_they_were_written(name: str) -> None:
    space = PROBLEMS[name].space
    given_default = SearchSpace([*space.parameters, Parameter("z", Real(0, 1), default=0.5)])

    assert read_space(json.loads(dumps(space_body(given_default)))) == given_default


def test_an_attempt_is_described_for_the_trial() -> None:
    described = json.loads(describe_attempt(Attempt("abc", TRIAL, 2, seed=5)))

    assert described == {
        "sweepwright": 1,
        "sweep": "abc",
        "job": "abc-3-2",
        "trial": 3,
        "attempt": 2,
        "budget": 9.0,
        "seed": 5,
        "assignment": TRIAL.assignment,
    }


def test_lines_are_read_as_they_were_written() -> None:
    assert read_line(write_line(LINE)) == LINE
    assert read_line(write_line(LINE).encode()) == LINE


def test_text_before_a_report_on_the_same_line_is_skipped() -> None:
    assert read_line("epoch 3 of 9, 50% " + write_line(LINE)) == LINE


GARBAGE: list[str | bytes] = [
    "",
    "hello",
    "null",
    "3",
    "[]",
    "{}",
    '{"sweepwright"',
    "[" * 100_000,
    b"\xff\xfe",
    b"\x00",
    "1" * 5000,
    *(dumps({key: held for key, held in GOOD.items() if key != lost}) for lost in NEEDED),
    *(dumps({**GOOD, key: []}) for key in NEEDED if key != "role"),
    *(dumps({**GOOD, key: "x"}) for key in NEEDED if key != "role"),
    dumps({**GOOD, "sweepwright": 2}),
    *(dumps({**GOOD, key: -1}) for key in ("attempt", "rank", "sequence")),
    *(dumps({**GOOD, key: 1 << 63}) for key in ("attempt", "rank", "sequence")),
    dumps({**GOOD, "metrics": {str(number): 0.5 for number in range(9000)}}),
    dumps(GOOD).replace(":2,", ":1e999,", 1),
]


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_other_output_is_not_a_report(text: str | bytes) -> None:
    assert read_line(text) is None


@given(st.text() | st.binary())
def test_no_output_raises(text: str | bytes) -> None:
    assert read_line(text) is None


@given(
    st.dictionaries(
        st.text(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda held: st.lists(held) | st.dictionaries(st.text(), held),
            max_leaves=5,
        ),
    )
)
def test_all_reported_metrics_can_be_written_as_json(metrics: dict[str, Any]) -> None:
    line = read_line(json.dumps({**GOOD, "metrics": metrics}))

    assert line is not None
    assert all(finite(value) is not None or type(value) is str for value in line.metrics.values())
    assert json.loads(dumps(line.metrics).encode()) == line.metrics


def test_names_are_stored_once_and_random_names_are_forgotten() -> None:
    """A trial that makes up a name for each report must not fill the driver's memory."""
    known = TrialLine(1, "main", 0, 0, final=False, metrics={"a name": 1.0}, process="p")
    one, two = read_line(write_line(known)), read_line(write_line(known))
    assert one is not None
    assert two is not None
    assert next(iter(one.metrics)) is next(iter(two.metrics))
    assert one.process is two.process
    for start in range(0, 12_000, 1000):
        metrics = {f"random {number}": 1.0 for number in range(start, start + 1000)}
        read_line(write_line(TrialLine(1, "main", 0, 0, final=False, metrics=metrics)))

    assert len(protocol._texts) <= protocol._MOST_TEXTS


def test_lone_surrogates_are_replaced() -> None:
    line = read_line(dumps(GOOD).replace("nan", "\\ud800"))

    assert line is not None
    assert line.metrics["loss"] == "?"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (0.5, 0.5),
        (True, None),
        ("1", None),
        (None, None),
        (math.nan, None),
        (-math.inf, None),
        (10**400, None),
    ],
)
def test_a_metric_is_a_finite_number_or_nothing(value: Any, number: float | None) -> None:
    assert finite(value) == number


def test_a_line_is_continued_only_if_the_key_is_true() -> None:
    lines = [read_line(dumps({**GOOD, "continued": value})) for value in (True, 1, "true", None)]

    assert [line.continued if line else None for line in lines] == [True, False, False, False]


def test_every_field_of_a_line_is_written() -> None:
    assert {field.name for field in fields(TrialLine)} - {"final"} <= set(GOOD)

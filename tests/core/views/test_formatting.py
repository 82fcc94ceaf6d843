"""Formatting of numbers, durations, assignments, tables and JSON."""

import json

import pytest

from sweepwright.core.plan.plan import Objective
from sweepwright.core.views.formatting import (
    flatten,
    format_assignment,
    format_duration,
    format_metric_name,
    format_number,
    format_table,
    format_time,
    json_lines,
)

NESTED = {
    "optimizer": {"_name": "sgd", "momentum": 0.123456},
    "layer": {"size": 4},
    "activation": "tanh",
}
LONG = "x" * 90


def test_nested_parameters_are_named_as_in_the_space() -> None:
    assert dict(flatten(NESTED)) == {
        "optimizer": "sgd",
        "optimizer.sgd.momentum": 0.123456,
        "layer.size": 4,
        "activation": "tanh",
    }
    assert format_assignment(NESTED) == (
        "optimizer=sgd optimizer.sgd.momentum=0.1235 layer.size=4 activation=tanh"
    )


@pytest.mark.parametrize(
    ("limit", "text"), [(1, "a=1 … and 2 more"), (3, "a=1 b=2 c=3"), (9, "a=1 b=2 c=3")]
)
def test_parameters_beyond_the_limit_are_only_counted(limit: int, text: str) -> None:
    assert format_assignment({"a": 1, "b": 2, "c": 3}, limit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "40 ms"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (61, "1 min 01 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations_are_in_readable_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_a_missing_number_is_a_dash() -> None:
    assert (format_number(None), format_number(0.1 + 0.2)) == ("-", "0.3")


def test_the_default_metric_is_called_the_objective() -> None:
    """``default`` is NNI's name for the metric of a trial that reports a single number."""
    assert format_metric_name(Objective()) == "objective"
    assert format_metric_name(Objective("val_loss")) == "val_loss"


def test_columns_of_a_table_are_aligned() -> None:
    assert format_table(("a", "b"), [("xx", "y"), ("x", "yyy")]) == [
        "a   b",
        "xx  y",
        "x   yyy",
    ]


def test_a_time_is_shown_as_a_local_date() -> None:
    assert format_time(0).startswith("19")


def test_json_that_fits_stays_on_one_line() -> None:
    assert list(json_lines({"a": [1, None, True], "b": {}})) == ['{"a": [1, null, true], "b": {}}']


def test_json_that_does_not_fit_is_broken_only_where_it_must_be() -> None:
    assert list(json_lines({"a": [LONG, {"b": 1}], "é": "ü"})) == [
        "{",
        '  "a": [',
        f'    "{LONG}",',
        '    {"b": 1}',
        "  ],",
        '  "é": "ü"',
        "}",
    ]


def test_json_keeps_its_value_when_it_is_broken_into_lines() -> None:
    value = {"a": [LONG, [], {}, [[LONG]]], "b": {"c": {LONG: LONG}}, "d": -0.5}

    assert json.loads("\n".join(json_lines(value))) == value

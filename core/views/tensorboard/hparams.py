"""The columns of TensorBoard's table of trials, and the values in their cells.

A column has a single type. If the choices of a parameter have different types, the parameter's
column therefore contains text.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.struct_pb2 import ListValue, Value
from tensorboard.plugins.hparams import api_pb2

from sweepwright.domains import Categorical, Integer, Nested, Ordinal, Real
from sweepwright.space import Parameter, SearchSpace

from ...plan.plan import Plan
from ...plan.redaction import mask_body

FINAL = "final"
"""Prefix of the tags of final results; tags of intermediate reports are the metrics' names."""


def experiment(plan: Plan, created: float) -> api_pb2.Experiment:
    """Describe the columns: all parameters, and the objective's final and intermediate values."""
    metric = plan.objective.metric
    return api_pb2.Experiment(
        time_created_secs=created,
        hparam_infos=list(_parameter_columns(plan.space)),
        metric_infos=[
            _metric_column(f"{FINAL}/{metric}", metric, "the trial's final result"),
            _metric_column(metric, f"{metric} (intermediate)", "the trial's latest report"),
        ],
    )


def column_types(space: SearchSpace) -> dict[str, int]:
    """Return the type of each parameter's column."""
    return {p.name: _type_of(_choices(p)) for p in space.parameters}


def cell(value: Any, column_type: int | None) -> Value:
    """Convert a value to `column_type`; if that is None, choose the type that fits the value."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # A larger integer is no float, and is shown as text.
    is_number = is_number and abs(value) <= sys.float_info.max
    match column_type if column_type is not None else _type_of([value]):
        case api_pb2.DATA_TYPE_FLOAT64 if is_number:
            return Value(number_value=value)
        case api_pb2.DATA_TYPE_BOOL if isinstance(value, bool):
            return Value(bool_value=value)
    return Value(string_value=value if isinstance(value, str) else json.dumps(value))


def _parameter_columns(space: SearchSpace) -> Iterator[api_pb2.HParamInfo]:
    for parameter in space.parameters:
        choices = _choices(parameter)
        # TensorBoard first lists parameters that differ between trials, then the other parameters.
        info = api_pb2.HParamInfo(name=parameter.name, type=_type_of(choices), differs=True)
        if choices:
            values = [cell(choice, info.type) for choice in choices]
            info.domain_discrete.CopyFrom(ListValue(values=values))
        elif isinstance(parameter.domain, Real | Integer):
            info.domain_interval.min_value = parameter.domain.low
            info.domain_interval.max_value = parameter.domain.high
        yield info


def _choices(parameter: Parameter) -> Sequence[Any]:
    """List the choices of a parameter, masked if they are secrets; an interval has no choices."""
    match parameter.domain:
        case Categorical(choices) | Ordinal(choices):
            return list(dict.fromkeys(mask_body(choices, parameter.name)))
        case Nested(branches):
            return branches
    return ()


def _type_of(choices: Sequence[Any]) -> int:
    """Return the narrowest type that holds all choices; if there are none, the type of numbers."""
    if all(isinstance(choice, bool) for choice in choices) and choices:
        return int(api_pb2.DATA_TYPE_BOOL)
    if all(isinstance(c, int | float) and not isinstance(c, bool) for c in choices):
        return int(api_pb2.DATA_TYPE_FLOAT64)
    return int(api_pb2.DATA_TYPE_STRING)


def _metric_column(tag: str, shown: str, description: str) -> api_pb2.MetricInfo:
    return api_pb2.MetricInfo(
        name=api_pb2.MetricName(tag=tag), display_name=shown, description=description
    )

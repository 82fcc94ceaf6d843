"""What TensorBoard's table of trials has columns for, and how a value stands in one."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.struct_pb2 import ListValue, Value
from tensorboard.plugins.hparams import api_pb2

from sweepwright.domains import Categorical, Domain, Integer, Nested, Ordinal, Real
from sweepwright.space import SearchSpace

from ...plan.plan import Plan

FINAL = "final"
"""What tags of results begin with; those of reports on the way are the metrics' own names."""


def experiment(plan: Plan, created: float) -> api_pb2.Experiment:
    """Describe the columns: every parameter, and the objective at the end and on the way."""
    metric = plan.objective.metric
    return api_pb2.Experiment(
        time_created_secs=created,
        hparam_infos=list(_parameters(plan.space)),
        metric_infos=[
            _metric(f"{FINAL}/{metric}", metric, "the trial's last result"),
            _metric(metric, f"{metric}, on the way", "what the trial last reported on its way"),
        ],
    )


def cell(value: Any, kind: int | None) -> Value:
    """Write a value as the kind of its column has it; what has no column is of its own kind."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind if kind is not None else _kind([value]):
        case api_pb2.DATA_TYPE_FLOAT64 if is_number:
            return Value(number_value=value)
        case api_pb2.DATA_TYPE_BOOL if isinstance(value, bool):
            return Value(bool_value=value)
    return Value(string_value=value if isinstance(value, str) else json.dumps(value))


def kinds(space: SearchSpace) -> dict[str, int]:
    """Tell the kind of each parameter's column."""
    return {p.name: _kind(_choices(p.domain)) for p in space.parameters}


def _parameters(space: SearchSpace) -> Iterator[api_pb2.HParamInfo]:
    for parameter in space.parameters:
        choices = _choices(parameter.domain)
        info = api_pb2.HParamInfo(name=parameter.name, type=_kind(choices), differs=True)
        if choices:
            values = [cell(choice, info.type) for choice in choices]
            info.domain_discrete.CopyFrom(ListValue(values=values))
        elif isinstance(parameter.domain, Real | Integer):
            info.domain_interval.min_value = parameter.domain.low
            info.domain_interval.max_value = parameter.domain.high
        yield info


def _choices(domain: Domain) -> Sequence[Any]:
    """List what there is to choose from, nothing where a domain is an interval."""
    match domain:
        case Categorical(choices) | Ordinal(choices):
            return choices
        case Nested(branches):
            return branches
    return ()


def _kind(choices: Sequence[Any]) -> int:
    """Find the kind that has room for all choices; numbers alone are of an interval."""
    if all(isinstance(choice, bool) for choice in choices) and choices:
        return int(api_pb2.DATA_TYPE_BOOL)
    if all(isinstance(c, int | float) and not isinstance(c, bool) for c in choices):
        return int(api_pb2.DATA_TYPE_FLOAT64)
    return int(api_pb2.DATA_TYPE_STRING)


def _metric(tag: str, shown: str, description: str) -> api_pb2.MetricInfo:
    return api_pb2.MetricInfo(
        name=api_pb2.MetricName(tag=tag), display_name=shown, description=description
    )

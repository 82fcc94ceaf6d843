"""The provider of ``curvefitting`` with a cache of forecasts.

A forecast takes about ten milliseconds, and the tests of the assessor request the same ones many
times. `test_curvefitting` checks that a forecast is a function of its arguments.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sweepwright.contracts import AssessorProvider, Problem
from sweepwright.plugins.assessors.curvefitting import (
    Curvefitting,
    CurvefittingOptions,
    sweep_assessors,
)
from sweepwright.plugins.assessors.extrapolation.forecast import Forecast, forecast_end

_FORECASTS: dict[tuple[tuple[float, ...], int, str], Forecast | None] = {}


def remembering(
    provider: AssessorProvider[CurvefittingOptions],
) -> AssessorProvider[CurvefittingOptions]:
    """Change a provider of ``curvefitting`` so that no forecast is computed twice."""
    return replace(provider, build=_build)


def _build(options: CurvefittingOptions, problem: Problem) -> Curvefitting:
    return Curvefitting(options, problem, _forecast)


def _forecast(curve: Sequence[float], steps: int, draws: np.random.Generator) -> Forecast | None:
    key = tuple(curve), steps, str(draws.bit_generator.state)
    if key not in _FORECASTS:
        _FORECASTS[key] = forecast_end(curve, steps, draws)
    return _FORECASTS[key]


[CURVEFITTING] = map(remembering, sweep_assessors())

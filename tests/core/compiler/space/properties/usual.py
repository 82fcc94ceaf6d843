"""Draws domains, most of them such as people write."""

from collections.abc import Callable
from typing import Any

from sweepwright.domains import Categorical, Domain, Integer, Normal, Ordinal, Real
from tests.core.compiler.space.properties.drawn import Draw, perhaps, pick
from tests.sweepwright.spaces import domains as strange_domains

STRANGE = strange_domains()
LISTS: list[tuple[Any, ...]] = [
    *[(16, 32, 64), ("relu", "tanh"), (True, False), (0.1, 1, 10), ("a b", "c", "d-e"), (1, 2)],
    *[(1, "auto", None), ([3, 3], [5, 5]), ({"kind": "conv"}, None), (0.5,), (1,), (True,)],
]


def domain(draw: Draw) -> Domain:
    """Draw a domain."""
    usual: list[Callable[[Draw], Domain]] = [_real, _integer, _categorical]
    makers = [*usual, *usual, _ordinal, _normal, lambda draw: draw(STRANGE)]
    return pick(draw, makers)(draw)


def _real(draw: Draw) -> Real:
    log = perhaps(draw)
    low = pick(draw, [1e-4, 0.01, 0.5, 1.0] if log else [0.0, -1.0, 0.5, 1.0, -2.5])
    step = pick(draw, [None, None, None, 0.1, 0.25, 2.0])
    high = low + pick(draw, [0.5, 1.0, 3.0, 100.0]) + (step or 0)
    return Real(low, high, log, step, step is not None and perhaps(draw))


def _integer(draw: Draw) -> Integer:
    log = perhaps(draw)
    low = pick(draw, [1, 2, 16] if log else [1, 0, -4, 16])
    step = pick(draw, [1, 1, 1, 2, 3])
    return Integer(low, low + pick(draw, [7, 1, 3, 100]) + step - 1, log, step)


def _normal(draw: Draw) -> Normal:
    mean, std = pick(draw, [0.0, 1.0, -2.0]), pick(draw, [1.0, 0.5])
    return Normal(mean, std, perhaps(draw), pick(draw, [None, None, 0.5]))


def _categorical(draw: Draw) -> Categorical:
    choices = pick(draw, LISTS)
    weights = tuple(pick(draw, [1.0, 3.0, 0.5]) for _ in choices)
    return Categorical(choices, pick(draw, [None, weights]))


def _ordinal(draw: Draw) -> Ordinal:
    return Ordinal(pick(draw, LISTS))

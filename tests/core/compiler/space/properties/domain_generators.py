"""Generate domains, most of them like those that users write."""

from collections.abc import Callable
from typing import Any

from sweepwright.domains import Categorical, Domain, Integer, Normal, Ordinal, Real
from tests.sweepwright.draws import Draw, chance, pick
from tests.sweepwright.spaces import domains as strange_domains

EXOTIC = strange_domains()
LISTS: list[tuple[Any, ...]] = [
    *[(16, 32, 64), ("relu", "tanh"), (True, False), (0.1, 1, 10), ("a b", "c", "d-e"), (1, 2)],
    *[(1, "auto", None), ([3, 3], [5, 5]), ({"kind": "conv"}, None), (0.5,), (1,), (True,)],
]


def domain(draw: Draw) -> Domain:
    """Generate a domain."""
    usual: list[Callable[[Draw], Domain]] = [_real, _integer, _categorical]
    makers = [*usual, *usual, _ordinal, _normal, lambda draw: draw(EXOTIC)]
    return pick(draw, makers)(draw)


def _real(draw: Draw) -> Real:
    log = chance(draw)
    low = pick(draw, [1e-4, 0.01, 0.5, 1.0] if log else [0.0, -1.0, 0.5, 1.0, -2.5])
    step = pick(draw, [None, None, None, 0.1, 0.25, 2.0])
    high = low + pick(draw, [0.5, 1.0, 3.0, 100.0]) + (step or 0)
    return Real(low, high, log, step, step is not None and chance(draw))


def _integer(draw: Draw) -> Integer:
    log = chance(draw)
    low = pick(draw, [1, 2, 16] if log else [1, 0, -4, 16])
    step = pick(draw, [1, 1, 1, 2, 3])
    return Integer(low, low + pick(draw, [7, 1, 3, 100]) + step - 1, log, step)


def _normal(draw: Draw) -> Normal:
    mean, std = pick(draw, [0.0, 1.0, -2.0]), pick(draw, [1.0, 0.5])
    return Normal(mean, std, chance(draw), pick(draw, [None, None, 0.5]))


def _categorical(draw: Draw) -> Categorical:
    choices = pick(draw, LISTS)
    weights = tuple(pick(draw, [1.0, 3.0, 0.5]) for _ in choices)
    return Categorical(choices, pick(draw, [None, weights]))


def _ordinal(draw: Draw) -> Ordinal:
    return Ordinal(pick(draw, LISTS))

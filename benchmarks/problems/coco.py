"""Problems of COCO's suite ``bbob-mixint`` (T. Tusar, D. Brockhoff, N. Hansen, GECCO 2019).

The rule of choice: every other of the 24 functions, f1 to f23, which are of all five groups of
the suite, with 5, 10, 20 and 40 dimensions in turn; the first instance of each. Four fifths of
the parameters are integers, with 2, 4, 8 and 16 values.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np

from sweepwright.space import Domain, Integer, Real

from .landscape import Landscape, Values
from .spaces import nested_space

CHOSEN = tuple(zip(range(1, 25, 2), cycle((5, 10, 20, 40)), strict=False))
"""Functions with their dimensions."""


def coco() -> Mapping[str, Callable[[], Landscape]]:
    """Name the problems, and how to make each; COCO itself is needed for the making alone."""
    return {f"coco/f{f:02}-d{d:02}": partial(_landscape, f, d) for f, d in CHOSEN}


def open_problem(function: int, dimension: int) -> Any:
    """Take a problem out of the suite; it lives as long as the suite, which it carries along."""
    from cocoex import Suite  # noqa: PLC0415 - a peer's library

    chosen = f"function_indices:{function} dimensions:{dimension} instance_indices:1"
    suite = Suite("bbob-mixint", "", chosen)
    return suite, suite.get_problem(0)


def _landscape(function: int, dimension: int) -> Landscape:
    suite, problem = open_problem(function, dimension)
    bounds = zip(problem.lower_bounds, problem.upper_bounds, strict=True)
    whole = problem.number_of_integer_variables
    domains: dict[str, Domain] = {
        f"x{i}": Integer(int(low), int(high)) if i < whole else Real(float(low), float(high))
        for i, (low, high) in enumerate(bounds)
    }

    def loss(values: Values, _keeps: Any = suite) -> float:
        return float(problem(np.array([values[name] for name in domains], dtype=float)))

    return Landscape(f"coco/f{function:02}-d{dimension:02}", nested_space(domains), loss)

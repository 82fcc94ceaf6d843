"""Assignments of a nested space: drawn, decoded to dicts, encoded back, beside ConfigSpace.

Usage: python benchmarks/spaces.py [--assignments 100000]

Both hold the same space, 20 parameters on three levels. ConfigSpace has neither nested dicts
nor batches of them: decoding is `dict(configuration)`, and encoding `Configuration(space, dict)`.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from ConfigSpace import (
    Categorical as Choice,
)
from ConfigSpace import (
    Configuration,
    ConfigurationSpace,
    EqualsCondition,
    Float,
)
from ConfigSpace import (
    Integer as Whole,
)

from sweepwright.seeds import rng
from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Parameter,
    Real,
    SearchSpace,
)

# Each line: the name, which is also the path, the branch it is in, and the domain.
SPACE: dict[str, Domain] = {
    "x0": Real(1e-5, 1, log=True),
    "x1": Real(0, 1),
    "x2": Real(1e-5, 1, log=True),
    "x3": Real(0, 1),
    "k0": Integer(1, 64),
    "k1": Integer(1, 64, log=True),
    "act": Categorical(("relu", "tanh", "gelu")),
    "model": Nested(("linear", "net", "forest")),
    "model.linear.l2": Real(1e-6, 1, log=True),
    "model.net.width": Integer(8, 512, log=True),
    "model.net.drop": Real(0, 0.5),
    "model.net.opt": Nested(("sgd", "adam")),
    "model.net.opt.sgd.momentum": Real(0, 1),
    "model.net.opt.sgd.schedule": Nested(("constant", "cosine")),
    "model.net.opt.sgd.schedule.cosine.period": Integer(1, 100),
    "model.net.opt.adam.beta_1": Real(0.8, 0.99),
    "model.net.opt.adam.beta_2": Real(0.9, 0.999),
    "model.forest.trees": Integer(10, 500),
    "model.forest.depth": Integer(1, 20),
    "model.forest.criterion": Categorical(("gini", "entropy")),
}


def main() -> None:
    """Measure both, and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--assignments", type=int, default=100_000)
    options.add_argument("--repetitions", type=int, default=3)
    chosen = options.parse_args()
    theirs = measured(lambda: peer(chosen.assignments), chosen.repetitions)
    mine = measured(lambda: ours(chosen.assignments), chosen.repetitions)
    print(f"{chosen.assignments} assignments of {len(SPACE)} parameters, CPU seconds, the median")
    print(f"{'':<12}{'sweepwright':>12}{'ConfigSpace':>12}{'times':>8}")
    rows = zip(("drawn", "decoded", "encoded"), mine, theirs, strict=True)
    for name, one, other in [*rows, ("together", sum(mine), sum(theirs))]:
        print(f"{name:<12}{one:>12.3f}{other:>12.3f}{other / one:>8.1f}")


def ours(n: int) -> list[float]:
    """Return the seconds of each step, and make sure that the last undoes the one before."""
    space = nested_space()
    drawn = timed(lambda: space.sample(rng(0, "benchmark"), n))
    decoded = timed(lambda: space.decode(drawn[1]))
    encoded = timed(lambda: space.encode(decoded[1]))
    assert np.array_equal(encoded[1], drawn[1], equal_nan=True)
    return [drawn[0], decoded[0], encoded[0]]


def peer(n: int) -> list[float]:
    """Do the same with ConfigSpace."""
    space = peer_space()
    drawn = timed(lambda: space.sample_configuration(n))
    decoded = timed(lambda: [dict(configuration) for configuration in drawn[1]])
    encoded = timed(lambda: [Configuration(space, values).get_array() for values in decoded[1]])
    return [drawn[0], decoded[0], encoded[0]]


def nested_space() -> SearchSpace:
    """Build the space."""
    return SearchSpace(
        [Parameter(name, domain, path(name), condition(name)) for name, domain in SPACE.items()]
    )


def path(name: str) -> tuple[str, ...]:
    """Leave out the branches, which alternate with the keys."""
    return tuple(name.split(".")[::2])


def condition(name: str) -> Condition | None:
    """Tell which branch of what a parameter is in."""
    parent, _, rest = name.rpartition(".")[0].rpartition(".")
    if not parent:
        return None
    domain = SPACE[parent]
    assert isinstance(domain, Nested)
    return Condition(parent, (domain.branches.index(rest),))


def peer_space() -> ConfigurationSpace:
    """Build the same space in ConfigSpace, whose names are flat and whose conditions are not."""
    space = ConfigurationSpace(seed=0)
    made = {name: peer_parameter(name, domain) for name, domain in SPACE.items()}
    space.add(*made.values())
    for name in SPACE:
        if when := condition(name):
            branch = SPACE[when.parent].value(when.choices[0])
            space.add(EqualsCondition(made[name], made[when.parent], branch))
    return space


def peer_parameter(name: str, domain: Domain) -> Any:
    """Make a parameter of ConfigSpace's."""
    match domain:
        case Real(low, high, log):
            return Float(name, (low, high), log=log)
        case Integer(low, high, log):
            return Whole(name, (low, high), log=log)
        case Categorical(choices=values) | Nested(values):
            return Choice(name, values)
    raise TypeError(f"no {type(domain).__name__} is in this benchmark")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of something, and what it returns."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def measured(work: Callable[[], Iterable[float]], repetitions: int) -> list[float]:
    """Repeat, and take the median of each figure."""
    return [float(figure) for figure in np.median([[*work()] for _ in range(repetitions)], axis=0)]


if __name__ == "__main__":
    main()

"""The compiler beside Hydra, which composes the same configuration, and spaces beside ConfigSpace.

Usage: python benchmarks/compiler.py [--parameters 10000] [--assignments 100000] [--repeats 9]

Every figure is CPU time, the median of several repetitions that take turns with the peer's.
The nested space has 20 parameters on three levels. ConfigSpace has neither nested dicts nor
batches of them: decoding is `dict(configuration)`, encoding `Configuration(space, values)`.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ConfigSpace
import numpy as np
from hydra import compose, initialize_config_dir

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.compiler.compose import CONFIG_FOLDER, CONFIG_NAME, register_groups
from sweepwright.core.compiler.compose.hydra_compat import VERSION_BASE
from sweepwright.core.compiler.compose.node_count import LIMIT
from sweepwright.core.registry.registry import Registry
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

LEAST_TIMES = 10
"""How many times faster than ConfigSpace nested assignments are to be."""

MOST_SECONDS = 2.0
"""What a flat space may cost beyond Hydra's own composition of it."""

MOST_TIMES = 2.5
"""How many times what Hydra takes the default sweep may."""


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
    """Measure everything once and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parameters", type=int, default=10_000, help="of the flat space")
    options.add_argument("--assignments", type=int, default=100_000, help="of the nested space")
    options.add_argument("--repeats", type=int, default=9)
    chosen = options.parse_args()
    print_nested(chosen.assignments, max(3, chosen.repeats // 3))
    print_default(chosen.repeats)
    print_flat(chosen.parameters, max(3, chosen.repeats // 3))


def print_nested(assignments: int, repeats: int) -> None:
    """Print what drawing, decoding and encoding assignments takes, beside ConfigSpace."""
    spent = [(ours(assignments), peer(assignments)) for _ in range(repeats)]
    mine, theirs = (np.median([pair[side] for pair in spent], axis=0) for side in (0, 1))
    print(f"{assignments:,} assignments of {len(SPACE)} nested parameters")
    rows = zip(("drawn", "decoded", "encoded"), mine, theirs, strict=True)
    for name, one, other in [*rows, ("together", mine.sum(), theirs.sum())]:
        seconds = f"ConfigSpace {other:>7.3f} s  sweepwright {one:>7.3f} s"
        print(f"  {name:<12}{seconds}{other / one:>9.1f} times")
    ratio = float(theirs.sum() / mine.sum())
    print(f"  faster together: {verdict(ratio, LEAST_TIMES, 'above')}")


def print_default(repeats: int) -> None:
    """Print what composing and compiling the default sweep takes, beside Hydra's composition."""
    hydra, ours = beside_hydra([], repeats)
    print("the default sweep")
    print(f"{'  Hydra composes it':<50}{1000 * hydra:>9.1f} ms")
    print(
        f"{'  sweepwright composes and compiles it':<50}{1000 * ours:>9.1f} ms"
        f"   {ours / hydra:.2f} times, {verdict(ours / hydra, MOST_TIMES)}"
    )


def print_flat(parameters: int, repeats: int) -> None:
    """Print what a space of many parameters costs beyond Hydra's composition of it."""
    os.environ[LIMIT] = "none"
    with tempfile.TemporaryDirectory() as folder:
        space = Path(folder) / "space" / "flat.yaml"
        space.parent.mkdir()
        space.write_text("".join(f"p{n}: uniform(0, {n + 1})\n" for n in range(parameters)))
        overrides = ["space=flat", f'hydra.searchpath=["file://{folder}"]']
        hydra, ours = beside_hydra(overrides, repeats)
    print(f"a flat space of {parameters:,} parameters")
    print(f"{'  Hydra composes it':<50}{hydra:>9.2f} s")
    print(
        f"{'  sweepwright composes and compiles it':<50}{ours:>9.2f} s"
        f"    {ours - hydra:.2f} s more, {verdict(ours - hydra, MOST_SECONDS)}"
    )


def beside_hydra(overrides: Sequence[str], repeats: int) -> tuple[float, float]:
    """Return the seconds of Hydra's composition, and of our composition and compilation."""
    registry = Registry.load()
    register_groups(registry)

    def hydra() -> None:
        with initialize_config_dir(str(CONFIG_FOLDER), **VERSION_BASE):
            compose(CONFIG_NAME, list(overrides))

    return in_turns(hydra, lambda: compile_sweep(overrides, registry), repeats)


def in_turns(
    one: Callable[[], object], other: Callable[[], object], repeats: int
) -> tuple[float, float]:
    """Return the median CPU seconds of both, after one of each that does not count."""
    spent = [(cpu_seconds(one), cpu_seconds(other)) for _ in range(repeats + 1)][1:]
    ones, others = zip(*spent, strict=True)
    return statistics.median(ones), statistics.median(others)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that work takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


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
    encoded = timed(
        lambda: [ConfigSpace.Configuration(space, values).get_array() for values in decoded[1]]
    )
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


def peer_space() -> ConfigSpace.ConfigurationSpace:
    """Build the same space in ConfigSpace, whose names are flat and whose conditions are not."""
    space = ConfigSpace.ConfigurationSpace(seed=0)
    made = {name: peer_parameter(name, domain) for name, domain in SPACE.items()}
    space.add(*made.values())
    for name in SPACE:
        if when := condition(name):
            branch = SPACE[when.parent].value(when.choices[0])
            space.add(ConfigSpace.EqualsCondition(made[name], made[when.parent], branch))
    return space


def peer_parameter(name: str, domain: Domain) -> Any:
    """Make a parameter of ConfigSpace's."""
    match domain:
        case Real(low, high, log):
            return ConfigSpace.Float(name, (low, high), log=log)
        case Integer(low, high, log):
            return ConfigSpace.Integer(name, (low, high), log=log)
        case Categorical(choices=values) | Nested(values):
            return ConfigSpace.Categorical(name, values)
    raise TypeError(f"no {type(domain).__name__} is in this benchmark")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of something, and what it returns."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def verdict(measured: float, limit: float, side: str = "below") -> str:
    """Say whether a figure is on the side of a limit where it has to be."""
    holds = (measured < limit) == (side == "below")
    return f"{side if holds else f'NOT {side}'} {limit:g}"


if __name__ == "__main__":
    main()

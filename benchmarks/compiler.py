"""The compiler: what it costs beyond Hydra, which composes the same configuration.

Usage: python benchmarks/compiler.py [--parameters 10000] [--repeats 9]

Every figure is CPU time, the median of several repetitions that take turns with the peer's.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir

from sweepwright.core.compiler import compile_sweep
from sweepwright.core.registry import Registry
from sweepwright.core.sources import CONFIG_FOLDER, CONFIG_NAME, register_groups
from sweepwright.core.sources.node_count import LIMIT
from sweepwright.core.sources.versions import BASE

MOST_SECONDS = 2.0
"""What a flat space may cost beyond Hydra's own composition of it."""

MOST_TIMES = 2.5
"""How many times what Hydra takes the default sweep may."""


def main() -> None:
    """Measure everything once and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parameters", type=int, default=10_000, help="of the flat space")
    options.add_argument("--repeats", type=int, default=9)
    chosen = options.parse_args()
    print_default(chosen.repeats)
    print_flat(chosen.parameters, max(3, chosen.repeats // 3))


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
        with initialize_config_dir(str(CONFIG_FOLDER), **BASE):
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


def verdict(measured: float, limit: float) -> str:
    """Say whether a figure is what it has to be."""
    return f"{'below' if measured < limit else 'NOT below'} {limit:g}"


if __name__ == "__main__":
    main()

"""The command line of the comparison."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ..problems.given import FOLDER


@dataclass(frozen=True, slots=True)
class Chosen:
    """The options of the command line."""

    tuners: list[str]
    problems: list[str]
    seeds: range
    trials: int
    processes: int
    results: Path
    surrogates: Path
    again: list[str]
    report: bool
    plots: Path | None
    stem: str
    noise: float
    parallel: int
    latency: bool


def parse(documentation: str | None, default_tuners: list[str]) -> Chosen:
    """Read the command line."""
    options = argparse.ArgumentParser(
        description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = options.add_argument
    add("--tuners", nargs="+", default=default_tuners, help="names, options behind a colon")
    add("--problems", nargs="+", default=["all"], help="given, other, all, names or patterns")
    add("--seeds", type=int, default=20, help="how many")
    add("--first-seed", type=int, default=7000)
    add("--trials", type=int, default=200, help="of each run")
    add("--processes", type=int, default=1)
    add("--results", type=Path, default=Path("results"), help="folder, kept between starts")
    add("--surrogates", type=Path, default=FOLDER, help="folder of the given problems")
    add("--again", nargs="+", default=[], help="tuners whose runs are done anew")
    add("--report", action="store_true", help="print what is there, run nothing")
    add("--plots", type=Path, help="folder for the SVGs")
    add("--stem", default="tuners", help="how the SVGs' names begin")
    add("--noise", type=float, default=0.0, help="added to every loss, of median less best")
    add("--parallel", type=int, default=1, help="workers, beside serial runs")
    add("--latency", action="store_true", help="CPU time and memory instead of regret")
    found = vars(options.parse_args())
    first, count = found.pop("first_seed"), found["seeds"]
    return Chosen(**{**found, "seeds": range(first, first + count)})

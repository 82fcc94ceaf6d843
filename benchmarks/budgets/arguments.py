"""The command line of the comparison of tuners with budgets."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ..problems.given import FOLDER
from .participants import BASELINE, OURS, PEERS, RARE

PARTS = ("curves", "race", "busy", "asks")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The options of the command line."""

    parts: list[str]
    tuners: list[str]
    problems: list[str]
    seeds: range
    trials: int
    workers: int
    patience: float
    processes: int
    results: Path
    surrogates: Path
    again: list[str]
    report: bool


def parse(documentation: str | None) -> Chosen:
    """Read the command line."""
    peers = [name for name in PEERS if name not in RARE]
    options = argparse.ArgumentParser(
        description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = options.add_argument
    add("--parts", nargs="+", default=PARTS, choices=PARTS, help="what is measured")
    add("--tuners", nargs="+", default=[BASELINE, *OURS, *peers], help="options behind a colon")
    add("--problems", nargs="+", default=["*"], help="names or patterns, such as `lcbench/*`")
    add("--seeds", type=int, default=30, help="how many repetitions")
    add("--first-seed", type=int, default=7000)
    add("--trials", type=int, default=100, help="of the random search that sets the target")
    add("--workers", type=int, default=4, help="of each race")
    add("--patience", type=float, default=2.0, help="in whole budgets of that random search")
    add("--processes", type=int, default=2)
    add("--results", type=Path, default=Path("results") / "budgets", help="kept between starts")
    add("--surrogates", type=Path, default=FOLDER, help="folder of the given problems")
    add("--again", nargs="+", default=[], help="tuners whose races are run anew")
    add("--report", action="store_true", help="print what there is of the race, run nothing")
    found = vars(options.parse_args())
    first, count = found.pop("first_seed"), found["seeds"]
    return Chosen(**{**found, "seeds": range(first, first + count)})

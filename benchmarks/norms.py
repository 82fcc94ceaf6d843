"""The norms of our own problems: writes `benchmarks/problems/norms.json`, or prints changes.

Usage: python benchmarks/norms.py [--problems other] [--write]

The median is of 10,000 random points, of 2,000 for tasks of scikit-learn. The best is what is
known by construction, or else the lowest loss that those points found, and 3,000 steps from
neighbour to neighbour for each of the ten best; 600 for tasks of scikit-learn.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.problems.catalogue import NORMS, landscape, names, own_norms
from benchmarks.problems.given import FOLDER
from benchmarks.problems.long_search import norms

EFFORT = {"learning": (2_000, 600)}
"""Of groups that are slow, how many random points and how many steps."""


def main() -> None:
    """Find the norms of each problem, and write them when told to."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--problems", nargs="+", default=["other"])
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    known = dict(own_norms())
    for name in names(chosen.problems, FOLDER):
        draws, steps = EFFORT.get(name.partition("/")[0], (10_000, 3_000))
        found = norms(landscape(name, FOLDER), draws, steps)
        print(f"{name:<32}{found}  before: {known.get(name)}", flush=True)
        if chosen.write:
            known[name] = found
            NORMS.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()

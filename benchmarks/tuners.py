"""Comparison of tuners, ours and the installed peers, by normalised regret.

Usage: python benchmarks/tuners.py --results DIR [--tuners random tpe optuna ...]
           [--problems given other] [--seeds 20] [--trials 200] [--processes 2] [--again tpe]
       python benchmarks/tuners.py --results DIR --report --plots docs/benchmarks
       python benchmarks/tuners.py --latency
       python benchmarks/tuners.py --results DIR --parallel 64 --trials 500 --problems given

Each run of a tuner on a problem with a seed is a line in DIR; a second start does only what is
missing. Peers need the extra `bench`; the given problems are read from ``--surrogates``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.comparison.command import run

if __name__ == "__main__":
    run(__doc__)
